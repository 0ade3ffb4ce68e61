import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { contestants, modelwhisk, type Contestant } from './build-contestants.ts';
import { setStage, type Stage } from './build-stage.ts';
import type { Cost } from './process-cost.ts';
import { table, verdict } from './report.ts';
import { median, rotate } from './statistics.ts';

/**
 * How long does it take to lay the adapter onto a large image and push it, for the first model and for a further one?
 * Compares build.ts with docker build and push, buildah, and crane's append and mutate, on one registry on loopback.
 * Programs that are not installed are left out. To install crane:
 * `go install github.com/google/go-containerregistry/cmd/crane@latest`.
 *
 * @param effort rounds of the slow contestants; the quick ones run five times as often
 * @param megabytes size of each base image
 */
export async function benchBuild(effort: number, megabytes = 1500): Promise<string> {
  const stage = await setStage(megabytes);
  try {
    const measured = await measure(await installed(contestants(stage)), effort);
    const bytes = await bytesOfOneMore(stage);
    return [
      `Base images of ${megabytes} MB in ten layers, on the registry that is pushed to. _First_ is the first model that a registry`,
      'gets, _further_ one more of another base. Docker and buildah start cold, without the base. The layers are ready made.',
      'Docker’s CPU time and memory include its engine’s. × is wall time ÷ modelwhisk’s.',
      '',
      table(
        ['', ...['first', 'further'].flatMap((when) => [`${when}, s`, '×', 'CPU, s', 'peak MB'])],
        measured.map((row) => cells(row, measured)),
      ),
      '',
      ...aims(measured, bytes),
    ].join('\n');
  } finally {
    await stage.close();
  }
}

interface Measured {
  readonly name: string;
  readonly first: Cost;
  readonly further: Cost;
}

async function installed(all: readonly Contestant[]): Promise<readonly Contestant[]> {
  const found = await Promise.all(
    all.map(async ({ needs }) => needs === undefined || !(await execa('which', [needs], { reject: false })).failed),
  );
  return all.filter((_, index) => found[index]);
}

/** The contestants take turns, so that other work of the machine affects all of them. */
async function measure(all: readonly Contestant[], effort: number): Promise<readonly Measured[]> {
  const runs = all.map((contestant) => ({ contestant, first: [] as Cost[], further: [] as Cost[] }));
  // The first start of build.ts compiles it.
  for (const { quick, build } of all) if (quick) await build('one', 'warm', true);
  for (let round = 0; round < effort * quickRounds; round++) {
    for (const { contestant, first, further } of rotate(runs, round)) {
      if (!contestant.quick && round % quickRounds > 0) continue;
      first.push(await afterOthers(async () => contestant.build('one', `user${round}`, true)));
      further.push(await afterOthers(async () => contestant.build('two', `user${round}`, false)));
    }
  }
  return runs.map(({ contestant: { name }, ...costs }) => ({
    name,
    first: medianOf(costs.first),
    further: medianOf(costs.further),
  }));
}

const quickRounds = 5;

/** Waits until the kernel has written the gigabytes of the previous contestant to disk. */
async function afterOthers<T>(run: () => Promise<T>): Promise<T> {
  await execa('sync');
  return run();
}

/** The medians of the times, and the maximum of the memory. */
function medianOf(costs: readonly Cost[]): Cost {
  return {
    seconds: median(costs.map(({ seconds }) => seconds)),
    cpu: median(costs.map(({ cpu }) => cpu)),
    megabytes: Math.max(...costs.map(({ megabytes }) => megabytes)),
  };
}

/** Bytes of the requests with their headers, without the network's overhead. */
async function bytesOfOneMore(stage: Stage): Promise<number> {
  const { proxy } = stage;
  await modelwhisk(stage, proxy.host, 'one', 'counted', true);
  const [bodies, requests] = [proxy.sent(), proxy.seen.length];
  await modelwhisk(stage, proxy.host, 'two', 'counted', false);
  const heads = proxy.seen.slice(requests).map(({ method, url, headers }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    return `${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`.length;
  });
  return proxy.sent() - bodies + heads.reduce((sum, size) => sum + size, 0);
}

function cells({ name, first, further }: Measured, [ours]: readonly Measured[]): readonly string[] {
  return [name, ...costCells(first, ours?.first ?? first), ...costCells(further, ours?.further ?? further)];
}

function costCells({ seconds, cpu, megabytes }: Cost, ours: Cost): readonly string[] {
  return [seconds.toFixed(2), (seconds / ours.seconds).toFixed(1), cpu.toFixed(2), megabytes.toFixed(0)];
}

function aims([ours, ...others]: readonly Measured[], bytes: number): readonly string[] {
  if (ours === undefined) return [];
  const times = (name: string, when: 'first' | 'further'): number =>
    (others.find((other) => other.name.startsWith(name))?.[when].seconds ?? Number.NaN) / ours[when].seconds;
  const both = (name: string): string => `${times(name, 'first').toFixed(1)} and ${times(name, 'further').toFixed(1)}`;
  const met = (name: string, aim: number): string =>
    ['first', 'further'].map((when) => verdict(times(name, when as 'first' | 'further') >= aim)).join(' and ');
  const peak = Math.max(ours.first.megabytes, ours.further.megabytes);
  return [
    `- times faster than docker, first and further: ${both('docker')}; aim at least 50: ${met('docker', 50)}`,
    `- times faster than crane, first and further: ${both('crane')}; aim at least 1: ${met('crane', 1)}`,
    `- peak memory: ${peak.toFixed(0)} MB; aim less than 100: ${verdict(peak < 100)}`,
    `- sent for one more model, with all headers: ${(bytes / 1000).toFixed(1)} KB; aim less than 20: ${verdict(bytes < 20_000)}`,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await benchBuild(1, process.argv[2] === undefined ? undefined : Number(process.argv[2])));
}
