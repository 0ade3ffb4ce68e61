import { adapterName, directName, floorName, pythonName, startContestants, type Contestant } from './contestants.ts';
import { callAll, openConnections, type Block } from './load.ts';
import type { Peers } from './peers.ts';
import type { Programs } from './programs.ts';
import { type Aim, type Section, table, threeDigits } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';
import { workloads, type Workload } from './workloads.ts';

/** Warm activations through `/run`, one at a time and 64 concurrent. The contestants take turns in every round. */
export async function benchActivation(programs: Programs, peers: Peers, effort: number): Promise<Section> {
  const contestants = await startContestants(programs, peers);
  try {
    const parts: string[] = [];
    const all: Aim[] = [];
    for (const workload of workloads) {
      const alone = await measure(contestants, workload, { concurrency: 1, calls: 20, rounds: 40 * effort });
      const crowded = await measure(contestants, workload, { concurrency: 64, calls: 256, rounds: 16 * effort });
      parts.push(`### ${workload.name}\n\n${results(contestants, alone, crowded)}`);
      all.push(...aims(workload, contestants, alone, crowded));
    }
    return { text: `${explanation}\n\n${parts.join('\n\n')}\n\n${bytesKept(contestants)}`, aims: all };
  } finally {
    await Promise.all(contestants.map(({ running }) => running.stop()));
  }
}

const explanation = [
  'Times in milliseconds from the first byte sent to the last received, over a kept-alive loopback connection (Flask',
  'closes each). *direct* is the same app listening by itself, called without any envelope; *floor* parses the JSON,',
  'decodes the base64, encodes a reply and calls nobody. modelwhisk has the settings of V8 that it has in an image; the',
  'others have those of Node.js. All start anew, so that the small calls are among the first two thousand of an instance.',
].join('\n');

type Measured = ReadonlyMap<string, readonly Block[]>;

async function measure(
  contestants: readonly Contestant[],
  workload: Workload,
  plan: { readonly concurrency: number; readonly calls: number; readonly rounds: number },
): Promise<Measured> {
  const blocks = new Map(contestants.map(({ name }) => [name, [] as Block[]]));
  const open = contestants.map((contestant) => ({
    ...contestant,
    connections: openConnections(contestant.running.port, plan.concurrency),
  }));
  const warmUp = Math.ceil(plan.rounds / 5);
  for (let round = -warmUp; round < plan.rounds; round += 1) {
    for (const contestant of rotate(open, round + warmUp)) {
      const { name, connections } = contestant;
      const block = await callAll(connections, contestant.request(workload), plan.calls);
      if (round >= 0) blocks.get(name)?.push(block);
    }
  }
  for (const { connections } of open) for (const connection of connections) connection.close();
  return blocks;
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
  { name, sum }: Workload,
  contestants: readonly Contestant[],
  alone: Measured,
  crowded: Measured,
): readonly Aim[] {
  const peers = contestants.filter((each) => each.inProcess || each.name === pythonName).map((each) => each.name);
  const others = peers.filter((each) => each !== adapterName);
  const ahead = (what: string, unit: string, value: (contestant: string) => number, best: 'least' | 'most'): Aim => {
    const [first = ''] = others.toSorted((a, b) => (best === 'least' ? value(a) - value(b) : value(b) - value(a)));
    const [own, other] = [value(adapterName), value(first)];
    return {
      aim: `${name}: ahead of every in-process peer, ${what}`,
      measured: `${threeDigits(own)}${unit} against ${threeDigits(other)} (${first})`,
      met: best === 'least' ? own <= other : own >= other,
    };
  };
  const parts = p50(alone, floorName) + p50(alone, directName);
  const ratio = p50(alone, adapterName) / parts;
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
