import { readdirSync } from 'node:fs';
import { startAdapter } from '../../adapter/start-adapter.ts';
import { serverSetting, type Kind } from '../support/rows.ts';
import { type MemoryCourse, residentMemory, sampler } from './memory.ts';
import { load, type LoadOptions } from './traffic.ts';

export interface LoadOutcome {
  /** The errors, one line per activation. */
  readonly faults: readonly string[];
  /** Memory of the adapter's process, which for an Express app is also the model server's. */
  readonly memory: MemoryCourse;
  /** File descriptors that the adapter has open, before and after. */
  readonly openFiles: { readonly before: number; readonly after: number };
  readonly milliseconds: number;
}

/** Puts an adapter process with a real model server behind it under load. */
export async function loadAdapter(kind: Kind, options: Omit<LoadOptions, 'url' | 'onAnswer'>): Promise<LoadOutcome> {
  const { row, environment } = await serverSetting(kind, 'worker.mjs');
  const adapter = await startAdapter(row, environment);
  const memory = sampler(() => residentMemory(adapter.pid), options.activations);
  const openFiles = (): number => readdirSync(`/proc/${adapter.pid}/fd`).length;
  try {
    await adapter.post('/init', {});
    const before = openFiles();
    const began = performance.now();
    const faults = await load({
      ...options,
      url: `http://127.0.0.1:${adapter.port}`,
      onAnswer: memory.onAnswer,
    });
    const milliseconds = Math.round(performance.now() - began);
    return { faults, memory: memory.course(), openFiles: { before, after: openFiles() }, milliseconds };
  } finally {
    await adapter.stop();
  }
}
