/** Something that ended, such as an activation. Times are in milliseconds. */
export interface Ended {
  /** Epoch milliseconds. */
  readonly end: number;
  /** Missing if it is not known. */
  readonly duration?: number;
}

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

/** The statistics of what ended in the minute before `now`. */
export function lastMinute(all: readonly Ended[], now: number): Minute {
  const last = Math.floor(now / 1000);
  const seconds = Array.from({ length: 60 }, (_, index) => last - 59 + index);
  const bySecond = new Map<number, Ended[]>(seconds.map((second) => [second, []]));
  for (const ended of all) bySecond.get(Math.floor(ended.end / 1000))?.push(ended);
  const groups = seconds.map((second) => bySecond.get(second) ?? []);
  const times = groups.map(durationsOf);
  const allTimes = times.flat().toSorted(ascending);
  const recent = groups.slice(-6, -1).reduce((sum, { length }) => sum + length, 0);
  return {
    seconds,
    calls: groups.map(({ length }) => length),
    p50s: times.map((each) => percentile(each, 0.5) ?? null),
    p95s: times.map((each) => percentile(each, 0.95) ?? null),
    callsPerSecond: Math.round(recent / 0.5) / 10,
    p50: percentile(allTimes, 0.5),
    p95: percentile(allTimes, 0.95),
  };
}

function durationsOf(group: readonly Ended[]): number[] {
  return group.flatMap(({ duration }) => (duration === undefined ? [] : [duration])).toSorted(ascending);
}

function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

function ascending(one: number, other: number): number {
  return one - other;
}
