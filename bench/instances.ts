import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createGateway } from '../gateway/server.ts';
import { compiledDigits } from '../test/support/compiled-digits.ts';
import { table } from './report.ts';

const root = join(import.meta.dirname, '..');

/** Calls a second of digits, which computes on one thread, against the number of its instances; measured with `call`. */
export async function benchInstances(effort: number): Promise<string> {
  const rows: string[][] = [];
  let alone: number | undefined;
  for (const instances of [1, 2, 4, 8].filter((count) => count <= 2 * availableParallelism())) {
    const { callsPerSecond, p50, p95 } = await measure(instances, effort);
    alone ??= callsPerSecond;
    rows.push([
      String(instances),
      callsPerSecond.toFixed(0),
      (callsPerSecond / alone).toFixed(2),
      p50.toFixed(0),
      p95.toFixed(0),
    ]);
  }
  const head = ['instances', 'calls/s', 'times one instance', 'p50 (ms)', 'p95 (ms)'];
  return `${table(head, rows)}\n\nDigits on one thread, two callers for each instance, ${availableParallelism()} cores. The gateway and the callers use the same cores.`;
}

interface Measured {
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
}

async function measure(instances: number, effort: number): Promise<Measured> {
  const compiled = await compiledDigits({ instances });
  const gateway = createGateway({ actions: [compiled.action] });
  try {
    const url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/digits`;
    const call = async (...words: readonly string[]): Promise<Measured> => {
      const sample = join(root, 'examples/digits/samples/7.png');
      const flags = ['--concurrency', String(2 * instances), '--json', '--quiet', ...words];
      const { stdout } = await execa(join(root, 'build.ts'), ['call', url, sample, ...flags]);
      return (JSON.parse(stdout.split('\n').at(-1) ?? '') as { summary: Measured }).summary;
    };
    // Starts them all, and has each compile what it runs often.
    await call('--repeat', String(200 * instances));
    return await call('--duration', `${Math.round(10 * effort)}s`);
  } finally {
    await gateway.close();
    await compiled.close();
  }
}
