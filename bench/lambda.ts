import { streamingFunctionUrl, functionUrl } from '../test/adapter/platforms/lambda/front-ends.ts';
import { FakeRuntimeApi, type Outcome } from '../test/adapter/platforms/lambda/runtime-api.ts';
import { startOnLambda, type LambdaContestant, type Mode } from './lambda-contestants.ts';
import type { Peers } from './peers.ts';
import { residentSet, type Programs } from './programs.ts';
import { type Section, table } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';
import { jsonBody } from './workloads.ts';

/** The same Express app on Lambda, through modelwhisk and through aws-lambda-web-adapter. They take turns. */
export async function benchLambda(programs: Programs, peers: Peers, effort: number): Promise<Section> {
  const names: readonly LambdaContestant[] = peers.webAdapter === undefined ? ['modelwhisk'] : ['modelwhisk', 'aws-lambda-web-adapter']; // prettier-ignore
  const open = async (mode: Mode): Promise<readonly Contestant[]> =>
    Promise.all(names.map(async (name) => start(name, mode, programs, peers)));
  const starts = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = -1; round < 10 * effort; round += 1) {
    for (const name of rotate(names, round + 1)) {
      const contestant = await start(name, 'one', programs, peers);
      if (round >= 0) starts.get(name)?.push(contestant.startTime);
      await contestant.stop();
    }
  }
  const rows: Row[] = [];
  const one = await open('one');
  for (const [what, event] of [
    ['1 KB JSON', jsonEvent],
    ['50 KB PNG out', imageEvent],
  ] as const) {
    rows.push(row(`${what}, p50`, await inTurns(one, 60 * effort, async (each) => sequence(each, event, 20))));
  }
  const memory = await Promise.all(
    one.map(async ({ pids }) => sum(await Promise.all(pids.map(residentSet))) / 2 ** 20),
  );
  await Promise.all(one.map(({ stop }) => stop()));
  const eight = await open('eight');
  rows.push(row('1 KB JSON, 8 at once, p50', await inTurns(eight, 20 * effort, async (each) => sideBySide(each, 160))));
  await Promise.all(eight.map(({ stop }) => stop()));
  const stream = await open('stream');
  rows.push(row('an event of a stream, from the app’s write', await inTurns(stream, 20 * effort, streamed)));
  await Promise.all(stream.map(({ stop }) => stop()));
  const started = names.map((name) => median(starts.get(name) ?? []));
  const cells = [
    ...rows.map(({ what, p50, p99 }) => [what, ...p50.map((value, index) => `${value.toFixed(2)} (${(p99[index] ?? 0).toFixed(1)})`)]), // prettier-ignore
    ['start to the first answer', ...started.map((value) => value.toFixed(0))],
    ['memory of all processes after the calls, MB', ...memory.map((value) => value.toFixed(0))],
  ];
  return {
    text: `${explanation}\n\n${table(['', ...names], cells)}`,
    aims: rows.map(({ what, p50: [own = Number.NaN, other] }) => ({
      aim: `Lambda, ${what}: faster than aws-lambda-web-adapter`,
      measured: other === undefined ? 'it could not be built' : `${own.toFixed(2)} against ${other.toFixed(2)} ms`,
      met: own < (other ?? 0),
    })),
  };
}

const explanation = [
  'Events of a function URL, handed out by the Runtime API of the tests; milliseconds until the answer is there, with p99',
  'in brackets. aws-lambda-web-adapter runs as an extension beside the app, which listens on a port: two processes, which',
  'share two cores when there are eight events at once. modelwhisk and the app have one thread for all of them.',
].join('\n');

interface Contestant {
  readonly api: FakeRuntimeApi;
  readonly pids: readonly number[];
  /** Milliseconds from the start of the first process to the first answer. */
  readonly startTime: number;
  readonly stop: () => Promise<void>;
}

async function start(name: LambdaContestant, mode: Mode, programs: Programs, peers: Peers): Promise<Contestant> {
  const api = new FakeRuntimeApi();
  const address = await api.listen();
  const answered = api.invoke(jsonEvent);
  const began = performance.now();
  const { pids, stop } = await startOnLambda(name, mode, address, programs, peers);
  expectOk(await answered, mode);
  const startTime = performance.now() - began;
  return {
    api,
    pids,
    startTime,
    stop: async () => {
      await stop();
      await api.close();
    },
  };
}

interface Row {
  readonly what: string;
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

function row(what: string, times: readonly (readonly number[])[]): Row {
  return { what, p50: times.map(median), p99: times.map((values) => quantile(values, 0.99)) };
}

/** The times of each contestant, in the same order. Before it, a fifth of the rounds warms up. */
async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
  work: (contestant: Contestant) => Promise<readonly number[]>,
): Promise<readonly (readonly number[])[]> {
  const times = new Map(contestants.map((each) => [each, [] as number[]]));
  for (let round = -Math.ceil(rounds / 5); round < rounds; round += 1) {
    for (const each of rotate(contestants, Math.abs(round))) {
      const measured = await work(each);
      if (round >= 0) times.get(each)?.push(...measured);
    }
  }
  return [...times.values()];
}

async function sequence({ api }: Contestant, event: unknown, calls: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < calls) {
    const sent = performance.now();
    expectOk(await api.invoke(event), 'one');
    times.push(performance.now() - sent);
  }
  return times;
}

async function sideBySide(contestant: Contestant, calls: number): Promise<number[]> {
  const lanes = Array.from({ length: 8 }, async () => sequence(contestant, jsonEvent, calls / 8));
  return (await Promise.all(lanes)).flat();
}

/** Times from the write of each event in the app to its arrival at the Runtime API. */
async function streamed({ api }: Contestant): Promise<number[]> {
  const times: number[] = [];
  const outcome = await api.invoke(streamEvent, 30_000, {}, (answer) => {
    answer.on('data', (part: Buffer) => {
      const arrived = process.hrtime.bigint();
      for (const [, written] of part.toString('latin1').matchAll(/data: (\d+)\n/g)) {
        times.push(Number(arrived - BigInt(written ?? 0)) / 1e6);
      }
    });
  });
  expectOk(outcome, 'stream');
  if (times.length !== 10) throw new Error(`${times.length} events arrived of a stream of 10`);
  return times;
}

function expectOk(outcome: Outcome, mode: Mode): void {
  const { status, body } = (mode === 'stream' ? streamingFunctionUrl : functionUrl).reply(outcome);
  if (status !== 200) throw new Error(`status ${status}: ${Buffer.from(body).toString().slice(0, 200)}`);
}

function eventOf(method: string, path: string, body: Buffer = Buffer.alloc(0)): unknown {
  const headers = [
    ['host', 'bench.lambda-url.us-east-1.on.aws'],
    ['content-type', 'application/json'],
  ] as const;
  return functionUrl.event({ method, path, query: '', headers, body, timeLimit: 30_000 });
}

const jsonEvent = eventOf('POST', '/json', jsonBody(1024));
const imageEvent = eventOf('GET', `/image/${50 * 1024}`);
const streamEvent = eventOf('GET', '/stream');

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
