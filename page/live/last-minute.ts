import type { PageActivation } from '../wire.ts';

/** Statistics of the last minute, per second and in total. Times are in milliseconds. */
export interface Minute {
  /** Epoch seconds, oldest first. */
  readonly seconds: readonly number[];
  readonly calls: readonly number[];
  readonly p50s: readonly (number | null)[];
  readonly p95s: readonly (number | null)[];
  /** Average of the last five seconds. */
  readonly callsPerSecond: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** The statistics of the activations in the minute before `now`. */
export function lastMinute(activations: readonly PageActivation[], now: number): Minute {
  const last = Math.floor(now / 1000);
  const seconds = Array.from({ length: 60 }, (_, index) => last - 59 + index);
  const bySecond = new Map<number, number[]>(seconds.map((second) => [second, []]));
  for (const { end, duration } of activations) bySecond.get(Math.floor(end / 1000))?.push(duration);
  const groups = seconds.map((second) => bySecond.get(second)?.toSorted(ascending) ?? []);
  const all = groups.flat().toSorted(ascending);
  const recent = groups.slice(-6, -1).reduce((sum, { length }) => sum + length, 0);
  return {
    seconds,
    calls: groups.map(({ length }) => length),
    p50s: groups.map((times) => percentile(times, 0.5) ?? null),
    p95s: groups.map((times) => percentile(times, 0.95) ?? null),
    callsPerSecond: Math.round(recent / 0.5) / 10,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
  };
}

function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

function ascending(one: number, other: number): number {
  return one - other;
}
