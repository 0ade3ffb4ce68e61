import { expect, test } from 'vitest';
import { kinds } from '../support/rows.ts';
import { loadAdapter } from './run.ts';

// `npm run load` judges whether memory grows: a run as short as this ends while V8 still lets the heap grow.
test.each(kinds)(
  'mixed traffic at concurrency 64 (%s): no error but the model’s own, under 256 MiB, and valid metrics at any time',
  { timeout: 180_000 },
  async (kind) => {
    const { faults, memory, openFiles, metrics } = await loadAdapter(kind, { activations: 1000, concurrency: 64 });
    expect(faults).toEqual([]);
    expect(memory.peak).toBeLessThan(256);
    // The keep-alive connections to an http model server, one per concurrent call.
    expect(openFiles.after - openFiles.before).toBeLessThanOrEqual(70);
    expect(metrics).toMatchObject({ faults: [], calls: 1000, inProgress: 0 });
    expect(metrics.count).toBeGreaterThan(5);
  },
);
