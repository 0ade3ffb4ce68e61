import { adapterName, directName, floorName, pythonName, startContestants, type Contestant } from './contestants.ts';
import { callAll, openConnections, type Block } from './load.ts';
import type { Peers } from './peers.ts';
import type { Programs } from './programs.ts';
import { type Aim, type Section, table, threeDigits } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';
import { smallImage, workloads, type Workload } from './workloads.ts';

/**
 * Warm activations through `/run`, one at a time and 64 concurrent. The contestants take turns in every round. All are
 * started three times, because two processes of one contestant differ by up to a tenth.
 */
export async function benchActivation(programs: Programs, peers: Peers, effort: number): Promise<Section> {
  const measured = workloads.map((workload) => ({ workload, alone: newMeasured(), crowded: newMeasured() }));
  let contestants: readonly Contestant[] = [];
  for (let start = 0; start < 3 * effort; start += 1) {
    contestants = await startContestants(programs, peers);
    try {
      for (const { workload, alone, crowded } of measured) {
        await measure(contestants, workload, { concurrency: 1, calls: 20, rounds: 20 }, alone);
        const rounds = workload.isLarge ? 3 : 8;
        await measure(contestants, workload, { concurrency: 64, calls: 256, rounds }, crowded);
      }
    } finally {
      await Promise.all(contestants.map(({ running }) => running.stop()));
    }
  }
  const parts = measured.map(
    ({ workload, alone, crowded }) => `### ${workload.name}\n\n${results(contestants, alone, crowded)}`,
  );
  return {
    text: [explanation, ...parts, bytesKept(contestants)].join('\n\n'),
    aims: measured.flatMap(({ workload, alone, crowded }) => aims(workload, contestants, alone, crowded)),
  };
}

const explanation = [
  'Times in milliseconds from the first byte sent to the last received, over a kept-alive loopback connection (Flask',
  'closes each). *direct* is the same app listening by itself, called without any envelope; *floor* parses the JSON,',
  'decodes the base64, encodes a reply and calls nobody. modelwhisk has the settings of V8 that it has in an image; the',
  'others have those of Node.js. All start anew three times, as two processes of one contestant differ by up to a tenth, and',
  'so that the small calls are among the first two thousand of an instance.',
].join('\n');

/** The blocks of each contestant, by its name. */
type Measured = Map<string, Block[]>;

function newMeasured(): Measured {
  return new Map();
}

/** Adds the blocks of the rounds. Before them, a fifth of their number warms up. */
async function measure(
  contestants: readonly Contestant[],
  workload: Workload,
  plan: { readonly concurrency: number; readonly calls: number; readonly rounds: number },
  measured: Measured,
): Promise<void> {
  const open = contestants.map((contestant) => ({
    ...contestant,
    connections: openConnections(contestant.running.port, plan.concurrency),
  }));
  const warmUp = Math.ceil(plan.rounds / 5);
  for (let round = -warmUp; round < plan.rounds; round += 1) {
    for (const contestant of rotate(open, round + warmUp)) {
      const { name, connections } = contestant;
      const block = await callAll(connections, contestant.request(workload), plan.calls);
      if (round >= 0) measured.set(name, [...(measured.get(name) ?? []), block]);
    }
  }
  for (const { connections } of open) for (const connection of connections) connection.close();
}

function results(contestants: readonly Contestant[], alone: Measured, crowded: Measured): string {
  const own = p50(alone, adapterName);
  return table(
    ['', 'p50', 'p99', 'calls/s', 'p50 ÷ modelwhisk’s', 'p50 at 64', 'p99 at 64', 'calls/s at 64'],
    contestants.map(({ name }) => [
      name,
      p50(alone, name).toFixed(2),
      quantile(times(alone, name), 0.99).toFixed(2),
      rate(alone, name).toFixed(0),
      (p50(alone, name) / own).toFixed(2),
      p50(crowded, name).toFixed(1),
      quantile(times(crowded, name), 0.99).toFixed(1),
      rate(crowded, name).toFixed(0),
    ]),
  );
}

function aims(
  workload: Workload,
  contestants: readonly Contestant[],
  alone: Measured,
  crowded: Measured,
): readonly Aim[] {
  const { name, isLarge } = workload;
  const peers = contestants.filter((each) => each.inProcess || each.name === pythonName).map((each) => each.name);
  const others = peers.filter((each) => each !== adapterName);
  const ahead = (what: string, unit: string, value: (contestant: string) => number, best: 'least' | 'most'): Aim => {
    const [first = ''] = others.toSorted((a, b) => (best === 'least' ? value(a) - value(b) : value(b) - value(a)));
    const [own, other] = [value(adapterName), value(first)];
    return {
      aim: `${name}: ahead of every in-process peer, ${what}`,
      measured: `${threeDigits(own)}${unit} against ${threeDigits(other)} (${first})`,
      met: best === 'least' ? own <= other : own >= other,
      limit: workload === smallImage ? smallImageLimit : undefined,
    };
  };
  const parts = p50(alone, floorName) + p50(alone, directName);
  const ratio = p50(alone, adapterName) / parts;
  // Larger bodies have to cost less than the two parts of the way do.
  const sum = isLarge ? 0.8 : 1;
  return [
    ahead('p50', ' ms', (each) => p50(alone, each), 'least'),
    ahead('calls per second at 64', '', (each) => rate(crowded, each), 'most'),
    ahead('p99 at 64', ' ms', (each) => quantile(times(crowded, each), 0.99), 'least'),
    {
      aim: `${name}: p50 at most ${sum === 1 ? '' : `${sum} of `}floor + direct`,
      measured: `${ratio.toFixed(2)} of it`,
      met: ratio <= sum,
    },
  ];
}

const smallImageLimit = [
  'By the profile of 20,000 calls with 50 KB in, 64 at once, a call takes 0.42 ms of processor time in modelwhisk’s process and',
  '0.48 in that of serverless-http, 0.03 and 0.08 of it for garbage; 0.17 of either is the floor’s. So modelwhisk is a tenth',
  'ahead once V8 has optimized both. Among the first calls of a process, as here, either may be ahead: two processes of one',
  'contestant differ by as much.',
].join('\n');

function bytesKept(contestants: readonly Contestant[]): string {
  const wrong = contestants.filter((contestant) => contestant.wrong.length > 0);
  if (wrong.length === 0) return 'All replies were right, byte for byte.';
  return wrong.map((each) => `- wrong replies of ${each.name}: ${each.wrong.join(', ')}`).join('\n');
}

function times(measured: Measured, name: string): number[] {
  return (measured.get(name) ?? []).flatMap((block) => block.times);
}

function p50(measured: Measured, name: string): number {
  return median(times(measured, name));
}

function rate(measured: Measured, name: string): number {
  return median((measured.get(name) ?? []).map(({ perSecond }) => perSecond));
}
