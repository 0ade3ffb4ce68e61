import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createGateway } from '../gateway/server.ts';
import { compiledDigits } from '../test/support/compiled-digits.ts';
import { table } from './report.ts';
import { median, rotate } from './statistics.ts';

const root = join(import.meta.dirname, '..');

/** Calls a second of digits, which computes on one thread, against the number of its instances; measured with `call`. */
export async function benchInstances(effort: number): Promise<string> {
  const counts = [1, 2, 4, 8].filter((count) => count <= 2 * availableParallelism());
  const contestants = await Promise.all(counts.map(start));
  try {
    for (const { warmUp } of contestants) await warmUp();
    for (let round = 0; round < Math.ceil(5 * effort); round += 1) {
      for (const { measured, measure } of rotate(contestants, round)) measured.push(await measure());
    }
  } finally {
    for (const { close } of contestants) await close();
  }
  const of = (index: number, name: keyof Measured): number =>
    median(contestants[index]?.measured.map((each) => each[name]) ?? []);
  const rows = counts.map((count, index) => [
    String(count),
    of(index, 'callsPerSecond').toFixed(0),
    (of(index, 'callsPerSecond') / of(0, 'callsPerSecond')).toFixed(2),
    of(index, 'p50').toFixed(0),
    of(index, 'p95').toFixed(0),
  ]);
  const head = ['instances', 'calls/s', 'times one instance', 'p50 (ms)', 'p95 (ms)'];
  const how = `Digits on one thread, two callers for each instance, ${availableParallelism()} cores, medians of rounds of 3 s in turns.`;
  return `${table(head, rows)}\n\n${how} The gateway and the callers use the same cores.`;
}

interface Measured {
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
}

interface Contestant {
  readonly measured: Measured[];
  /** Starts all instances, and has each compile what it runs often. */
  readonly warmUp: () => Promise<unknown>;
  readonly measure: () => Promise<Measured>;
  readonly close: () => Promise<void>;
}

async function start(instances: number): Promise<Contestant> {
  const compiled = await compiledDigits({ instances });
  const gateway = createGateway({ actions: [compiled.action] });
  const url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/digits`;
  const call = async (...words: readonly string[]): Promise<Measured> => {
    const sample = join(root, 'examples/digits/samples/7.png');
    const flags = ['--concurrency', String(2 * instances), '--json', '--quiet', ...words];
    const { stdout } = await execa(join(root, 'build.ts'), ['call', url, sample, ...flags]);
    return (JSON.parse(stdout.split('\n').at(-1) ?? '') as { summary: Measured }).summary;
  };
  return {
    measured: [],
    warmUp: async () => call('--repeat', String(200 * instances)),
    measure: async () => call('--duration', '3s'),
    close: async () => {
      await gateway.close();
      await compiled.close();
    },
  };
}
