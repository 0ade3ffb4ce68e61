import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { buildAims, type Measured } from './build-aims.ts';
import { catalogueCost } from './build-catalogue.ts';
import { linkCosts } from './build-link.ts';
import { contestants, modelwhisk, type Contestant } from './build-contestants.ts';
import { setStage, type Stage } from './build-stage.ts';
import { fastestOf, type Cost } from './process-cost.ts';
import { type Section, table } from './report.ts';
import { rotate } from './statistics.ts';

/**
 * How long does it take to lay the adapter onto a large image and push it, for the first model and for a further one?
 * Compares build.ts with docker build and push, buildah, and crane's append and mutate, on one registry on loopback.
 * Programs that are not installed are left out. To install crane:
 * `go install github.com/google/go-containerregistry/cmd/crane@latest`. Measures all models of the catalogue, and a slow
 * link, too.
 *
 * @param effort multiplies the rounds
 * @param megabytes size of each base image
 */
export async function benchBuild(effort: number, megabytes = 1500): Promise<Section> {
  const stage = await setStage(megabytes);
  try {
    const measured = await measure(await installed(contestants(stage)), effort);
    const results = {
      contestants: measured,
      catalogue: await catalogueCost(stage, 4 * effort),
      links: (await canShape()) ? await linkCosts(stage, 100, 3 * effort) : undefined,
      bytesOfOneMore: await bytesOfOneMore(stage),
    };
    const text = [
      `Base images of ${megabytes} MB in ten layers, on the registry that is pushed to. _First_ is the first model that a registry`,
      'gets, _further_ one more of another base. Docker and buildah start cold, without the base. The layers are ready made.',
      'Docker’s CPU time and memory include its engine’s. The fastest of several runs counts, of each contestant. × is wall',
      'time ÷ modelwhisk’s.',
      '',
      table(
        ['', ...['first', 'further'].flatMap((when) => [`${when}, s`, '×', 'CPU, s', 'peak MB'])],
        measured.map((row) => cells(row, measured)),
      ),
      ...(results.links === undefined ? ['', 'The slow link was not measured: it needs root, `ip` and `tc`.'] : []),
    ];
    return { text: text.join('\n'), aims: buildAims(results) };
  } finally {
    await stage.close();
  }
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
      if (!contestant.quick && round % slowEvery > 0) continue;
      first.push(await afterOthers(async () => contestant.build('one', `user${round}`, true)));
      further.push(await afterOthers(async () => contestant.build('two', `user${round}`, false)));
    }
  }
  return runs.map(({ contestant: { name }, ...costs }) => ({
    name,
    first: fastestOf(costs.first),
    further: fastestOf(costs.further),
  }));
}

const quickRounds = 6;
const slowEvery = 3;

/** Whether a network namespace can be made here. */
async function canShape(): Promise<boolean> {
  const found = await execa('which', ['ip', 'tc'], { reject: false });
  return !found.failed && process.getuid?.() === 0;
}

/** Waits until the kernel has written the gigabytes of the previous contestant to disk. */
async function afterOthers<T>(run: () => Promise<T>): Promise<T> {
  await execa('sync');
  return run();
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await benchBuild(1, process.argv[2] === undefined ? undefined : Number(process.argv[2])));
}
