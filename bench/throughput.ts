import { messageOf } from '../core/errors.ts';
import { callAll, openConnections, type Block } from './load.ts';
import type { Programs } from './programs.ts';
import { type Aim, type Section, table } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';
import { names, startThroughputContestants, type ThroughputContestant } from './throughput/contestants.ts';
import { type RuntimeRatio, runtimeRatio } from './throughput/onnx-runtime.ts';

/** The digits model called by many at a time, each call alone and in batches. The contestants take turns. */
export async function benchThroughput(programs: Programs, effort: number): Promise<Section> {
  const runtime = await runtimeRatio();
  const contestants = await startThroughputContestants(programs);
  try {
    const measured = new Map<number, Measured>();
    for (const { level, calls, rounds } of levels) {
      measured.set(level, await measure(contestants, level, calls, rounds * effort));
    }
    const text = [explanation, results(contestants, measured), runtimeLine(runtime), ...missing(contestants)];
    return { text: text.join('\n\n'), aims: aims(measured, runtime.ratio) };
  } finally {
    await Promise.all(contestants.map(({ running }) => running.stop()));
  }
}

/** Calls in progress at a time, and how many of them are measured in a round. */
const levels = [
  { level: 1, calls: 60, rounds: 10 },
  { level: 8, calls: 120, rounds: 3 },
  { level: 64, calls: 640, rounds: 4 },
  { level: 256, calls: 512, rounds: 3 },
] as const;

const explanation = [
  'A call has one image of 28 × 28 numbers as JSON. Each cell: calls per second, and the milliseconds of p50 and p99, with so',
  'many calls in progress. All run the same ONNX file on one thread: the digits example with onnxruntime-web, the Python',
  'servers with onnxruntime. The load comes from this machine.',
].join('\n');

type Measured = ReadonlyMap<string, readonly Block[]>;

async function measure(
  contestants: readonly ThroughputContestant[],
  level: number,
  calls: number,
  rounds: number,
): Promise<Measured> {
  const blocks = new Map(contestants.map(({ name }) => [name, [] as Block[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, running, request } of rotate(contestants, round + 1)) {
      const connections = openConnections(running.port, level);
      try {
        const block = await callAll(connections, request, round < 0 ? Math.ceil(calls / 2) : calls);
        if (round >= 0) blocks.get(name)?.push(block);
      } catch (error) {
        // Some servers refuse many calls at a time. The others go on.
        console.error(`${name}, ${level} in progress: ${messageOf(error)}`);
      } finally {
        for (const connection of connections) connection.close();
      }
    }
  }
  return blocks;
}

function results(contestants: readonly ThroughputContestant[], measured: ReadonlyMap<number, Measured>): string {
  return table(
    ['', ...[...measured.keys()].map(String)],
    contestants.map(({ name }) => [
      name,
      ...[...measured.values()].map((level) => {
        const times = timesOf(level, name);
        if (times.length === 0) return 'failed';
        return `${rateOf(level, name).toFixed(0)}/s, ${median(times).toFixed(1)}, ${quantile(times, 0.99).toFixed(1)}`;
      }),
    ]),
  );
}

const digitsLimit = [
  'By the profile, about half of the digits example’s processor time is the model itself, in WebAssembly, which takes nearly',
  'as long for an image of a batch as for one alone.',
].join('\n');
const kserveLimit = [
  'KServe, the adapter and the load share the cores, and with batches KServe is no longer what a call waits for. Two processes',
  'of one contestant differ by up to 20 % in p50 with one call in progress.',
].join('\n');

/** Calls in batches beside calls alone. `least` is how many times more calls per second batches must answer. */
interface Pair {
  readonly single: string;
  readonly batched: string;
  readonly least: number;
  /** What limits its aims. */
  readonly limit: string;
}

function aims(measured: ReadonlyMap<number, Measured>, ratio: number): readonly Aim[] {
  const [alone, crowded] = [measured.get(1) ?? new Map(), measured.get(64) ?? new Map()];
  const pairs: readonly Pair[] = [
    { single: names.single, batched: names.batched, least: Math.min(3, ratio), limit: digitsLimit },
    {
      single: names.gatewaySingle,
      batched: names.gatewayBatched,
      least: Math.min(3, ratio),
      limit: digitsLimit,
    },
    { single: names.kserveSingle, batched: names.kserveBatched, least: 3, limit: kserveLimit },
  ];
  return pairs
    .filter(({ batched }) => crowded.has(batched))
    .flatMap(({ single, batched, least, limit }) => {
      const gain = rateOf(crowded, batched) / rateOf(crowded, single);
      const same = median(timesOf(alone, batched)) / median(timesOf(alone, single));
      const slowest = quantile(timesOf(crowded, batched), 0.99) / quantile(timesOf(crowded, single), 0.99);
      return [
        {
          aim: `${batched}: calls per second at 64 at least ${least.toFixed(2)} × each alone`,
          measured: `${gain.toFixed(2)} ×`,
          met: gain >= least,
          limit,
        },
        {
          aim: `${batched}: p50 at 1 at most 1.03 × each alone`,
          measured: `${same.toFixed(3)} ×`,
          met: same <= 1.03,
          limit,
        },
        {
          aim: `${batched}: p99 at 64 better than each alone`,
          measured: `${slowest.toFixed(2)} ×`,
          met: slowest < 1,
          limit,
        },
      ];
    });
}

function runtimeLine({ largest, ratio }: RuntimeRatio): string {
  return `onnxruntime-web by itself, a batch of ${largest}: ${ratio.toFixed(2)} times the images per second of single ones. Batches can give the digits example no more than that beside what they save of the calls around it, so it is its aim.`;
}

function missing(contestants: readonly ThroughputContestant[]): readonly string[] {
  const torchServe = 'TorchServe is left out: it needs a JDK and several gigabytes of PyTorch.';
  if (contestants.some(({ name }) => name.startsWith('BentoML'))) return [torchServe];
  return [`BentoML and KServe are left out: \`npx tsx bench/throughput/peers.ts\` installs them. ${torchServe}`];
}

function timesOf(measured: Measured, name: string): number[] {
  return (measured.get(name) ?? []).flatMap((block) => block.times);
}

function rateOf(measured: Measured, name: string): number {
  return median((measured.get(name) ?? []).map(({ perSecond }) => perSecond));
}
