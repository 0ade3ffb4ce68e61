import type { TrafficDocument } from './documents.ts';
import { formatBytes } from '../image/format-bytes.ts';

export interface Summary {
  /** The result of the run, for example "35 models". */
  readonly what: string;
  /** Network traffic. Undefined if unknown. */
  readonly bytes: TrafficDocument | undefined;
  readonly milliseconds: number;
}

/** The last line of a run, for example "35 models, 41 MB pushed, 58 GB mounted, 19 s". */
export function summaryLine({ what, bytes, milliseconds }: Summary): string {
  const traffic = (['pushed', 'mounted', 'copied'] as const)
    .filter((kind) => bytes !== undefined && bytes[kind] > 0)
    .map((kind) => `${formatBytes(bytes?.[kind] ?? 0)} ${kind}`);
  const nothing = bytes !== undefined && traffic.length === 0 ? ['nothing sent'] : [];
  return [what, ...traffic, ...nothing, duration(milliseconds)].join(', ');
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
