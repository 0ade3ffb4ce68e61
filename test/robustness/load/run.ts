import { readdirSync } from 'node:fs';
import { startAdapter } from '../../adapter/start-adapter.ts';
import { freePort } from '../../support/free-port.ts';
import { serverSetting, type Kind } from '../support/rows.ts';
import { residentMemory } from '../../support/process-memory.ts';
import { type MemoryCourse, sampler } from './memory.ts';
import { type Scrapes, startScraper } from './scraper.ts';
import { load, type LoadOptions } from './traffic.ts';

export interface LoadOutcome {
  /** The errors, one line per activation. */
  readonly faults: readonly string[];
  /** Memory of the adapter's process, which for an Express app is also the model server's. */
  readonly memory: MemoryCourse;
  /** File descriptors that the adapter has open, before and after. */
  readonly openFiles: { readonly before: number; readonly after: number };
  readonly milliseconds: number;
  /** `/metrics` as it was during the load. */
  readonly metrics: Scrapes;
}

/** Puts an adapter process with a real model server behind it under load. */
export async function loadAdapter(kind: Kind, options: Omit<LoadOptions, 'url' | 'onAnswer'>): Promise<LoadOutcome> {
  const { row, environment } = await serverSetting(kind, 'worker.mjs');
  const metricsPort = await freePort();
  const adapter = await startAdapter(row, { ...environment, MODELWHISK_METRICS_PORT: String(metricsPort) });
  const memory = sampler(() => residentMemory(adapter.pid), options.activations);
  const openFiles = (): number => readdirSync(`/proc/${adapter.pid}/fd`).length;
  try {
    await adapter.post('/init', {});
    const before = openFiles();
    const scraper = startScraper(metricsPort);
    const began = performance.now();
    const faults = await load({
      ...options,
      url: `http://127.0.0.1:${adapter.port}`,
      onAnswer: memory.onAnswer,
    });
    const milliseconds = Math.round(performance.now() - began);
    const after = openFiles();
    const metrics = await scraper.stop();
    return { faults, memory: memory.course(), openFiles: { before, after }, milliseconds, metrics };
  } finally {
    await adapter.stop();
  }
}
