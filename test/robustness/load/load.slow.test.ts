import { expect, test } from 'vitest';
import { kinds } from '../support/rows.ts';
import { loadAdapter } from './run.ts';

// For longer: npm run load -- --activations 100000. Its limit between the middle and the end is 16 MiB. A short run
// ends while V8 still lets the heap grow.
test.each(kinds)(
  'mixed traffic at concurrency 64 (%s): no error but the model’s own, under 256 MiB, at most 32 MiB more at the end than in the middle',
  { timeout: 180_000 },
  async (kind) => {
    const { faults, memory, openFiles } = await loadAdapter(kind, { activations: 2000, concurrency: 64 });
    expect(faults).toEqual([]);
    expect(memory.peak).toBeLessThan(256);
    expect(memory.end - memory.middle).toBeLessThan(32);
    // The keep-alive connections to an http model server, one per concurrent call.
    expect(openFiles.after - openFiles.before).toBeLessThanOrEqual(70);
  },
);
