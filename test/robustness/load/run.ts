import { readdirSync } from 'node:fs';
import { bundledAdapter } from '../../adapter/bundled.ts';
import { startAdapter } from '../../adapter/start-adapter.ts';
import { serverSetting, type Kind } from '../support/rows.ts';
import { type MemoryCourse, memoryCourse, residentMemory } from './memory.ts';
import { load, type LoadOptions } from './traffic.ts';

export interface LoadOutcome {
  /** What was wrong, a line for each activation. */
  readonly faults: readonly string[];
  /** Of the adapter's process, which for an Express app is the model server's too. */
  readonly memory: MemoryCourse;
  /** File descriptors that the adapter has open, before and after. */
  readonly openFiles: { readonly before: number; readonly after: number };
  readonly milliseconds: number;
}

const samples = 80;

/** Puts an adapter process with a real model server behind it under load. */
export async function loadAdapter(kind: Kind, options: Omit<LoadOptions, 'url' | 'onAnswer'>): Promise<LoadOutcome> {
  const { row, environment } = await serverSetting(kind, 'worker.mjs');
  const adapter = await startAdapter(row, environment, [process.execPath, await bundledAdapter()]);
  const memory: number[] = [];
  const every = Math.ceil(options.activations / samples);
  const openFiles = (): number => readdirSync(`/proc/${adapter.pid}/fd`).length;
  try {
    await adapter.post('/init', {});
    const before = openFiles();
    const began = performance.now();
    const faults = await load({
      ...options,
      url: `http://127.0.0.1:${adapter.port}`,
      onAnswer: (answered) => {
        if (answered % every === 0) memory.push(residentMemory(adapter.pid));
      },
    });
    const milliseconds = Math.round(performance.now() - began);
    return { faults, memory: memoryCourse(memory), openFiles: { before, after: openFiles() }, milliseconds };
  } finally {
    await adapter.stop();
  }
}
