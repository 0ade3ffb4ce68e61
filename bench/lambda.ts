import type { LambdaContestant, Mode } from './lambda-contestants.ts';
import {
  callsSideBySide,
  imageEvent,
  jsonEvent,
  sequence,
  sideBySide,
  start,
  streamed,
  type Contestant,
} from './lambda-load.ts';
import type { Peers } from './peers.ts';
import { cpuOf } from './process-cost.ts';
import { residentSet, type Programs } from './programs.ts';
import { type Aim, type Section, table } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';

/** The same Express app on Lambda, through modelwhisk and through aws-lambda-web-adapter. They take turns. */
export async function benchLambda(programs: Programs, peers: Peers, effort: number): Promise<Section> {
  const names: readonly LambdaContestant[] =
    peers.webAdapter === undefined ? ['modelwhisk'] : ['modelwhisk', 'aws-lambda-web-adapter'];
  const inMode = async <T>(mode: Mode, measure: (contestants: readonly Contestant[]) => Promise<T>): Promise<T> => {
    const contestants = await Promise.all(names.map(async (name) => start(name, mode, programs, peers)));
    const measured = await measure(contestants);
    await Promise.all(contestants.map(({ stop }) => stop()));
    return measured;
  };
  const started = await startTimes(names, 10 * effort, async (name) => start(name, 'one', programs, peers));
  const one = await inMode('one', async (contestants) => ({
    json: await inTurns(contestants, 60 * effort, async (each) => sequence(each, jsonEvent, 20)),
    image: await inTurns(contestants, 60 * effort, async (each) => sequence(each, imageEvent, 20)),
    memory: await Promise.all(contestants.map(async ({ pids }) => sum(await Promise.all(pids.map(residentSet))))),
  }));
  const eight = await inMode('eight', async (contestants) => eightAtOnce(contestants, 40 * effort));
  const streams = await inMode('stream', async (contestants) => inTurns(contestants, 20 * effort, streamed));
  const rows = [
    row('1 KB JSON, p50', one.json),
    row('50 KB PNG out, p50', one.image),
    row('1 KB JSON, 8 at once, p50', eight.times),
    row('an event of a stream, from the app’s write', streams),
  ];
  const cells = [
    ...rows.map(({ what, p50, p99 }) => [what, ...p50.map((value, index) => `${value.toFixed(2)} (${(p99[index] ?? 0).toFixed(1)})`)]), // prettier-ignore
    ['processor time of a call, 8 at once', ...eight.seconds.map((seconds) => (seconds * 1000).toFixed(2))],
    ['start to the first answer', ...started.map((value) => value.toFixed(0))],
    ['memory of all processes after the calls, MB', ...one.memory.map((bytes) => (bytes / 2 ** 20).toFixed(0))],
  ];
  return { text: `${explanation}\n\n${table(['', ...names], cells)}`, aims: rows.map(aim) };
}

function aim({ what, p50: [own = Number.NaN, other] }: Row): Aim {
  return {
    aim: `Lambda, ${what}: faster than aws-lambda-web-adapter`,
    measured: other === undefined ? 'it could not be built' : `${own.toFixed(2)} against ${other.toFixed(2)} ms`,
    met: own < (other ?? 0),
    limit,
  };
}

const explanation = [
  'Events of a function URL, handed out by the Runtime API of the tests; milliseconds until the answer is there, with p99',
  'in brackets. aws-lambda-web-adapter runs as an extension beside the app, which listens on a port.',
].join('\n');

const limit = [
  'With eight events at once, modelwhisk and the app have one thread for all of them, and aws-lambda-web-adapter and the app',
  'have two processes for two cores. By the profile, of the 0.36 ms of a call in modelwhisk’s process, the writes to sockets take',
  '0.07, Node.js’s HTTP client 0.08, the adapter’s own functions 0.10, and the log line of the call, which',
  'aws-lambda-web-adapter does not write, 0.03.',
].join('\n');

interface Row {
  readonly what: string;
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

function row(what: string, times: readonly (readonly number[])[]): Row {
  return { what, p50: times.map(median), p99: times.map((values) => quantile(values, 0.99)) };
}

/** The median of the milliseconds from the start to the first answer, of each contestant. */
async function startTimes(
  names: readonly LambdaContestant[],
  rounds: number,
  begin: (name: LambdaContestant) => Promise<Contestant>,
): Promise<readonly number[]> {
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const name of rotate(names, round + 1)) {
      const { startTime, stop } = await begin(name);
      if (round >= 0) times.get(name)?.push(startTime);
      await stop();
    }
  }
  return [...times.values()].map(median);
}

/** The times of each contestant, and the seconds of processor time of one call, when V8 has optimized it. */
async function eightAtOnce(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<{ readonly times: readonly (readonly number[])[]; readonly seconds: readonly number[] }> {
  const used = async (): Promise<readonly number[]> => Promise.all(contestants.map(async ({ pids }) => cpuOf(pids)));
  await inTurns(contestants, rounds, sideBySide);
  const before = await used();
  const times = await inTurns(contestants, rounds, sideBySide);
  const calls = (rounds + warmUp(rounds)) * callsSideBySide;
  return { times, seconds: (await used()).map((seconds, index) => (seconds - (before[index] ?? 0)) / calls) };
}

/** The times of each contestant, in the same order. */
async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
  work: (contestant: Contestant) => Promise<readonly number[]>,
): Promise<readonly (readonly number[])[]> {
  const times = new Map(contestants.map((each) => [each, [] as number[]]));
  for (let round = -warmUp(rounds); round < rounds; round += 1) {
    for (const each of rotate(contestants, Math.abs(round))) {
      const measured = await work(each);
      if (round >= 0) times.get(each)?.push(...measured);
    }
  }
  return [...times.values()];
}

/** Rounds before those that are measured. */
function warmUp(rounds: number): number {
  return Math.ceil(rounds / 5);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
