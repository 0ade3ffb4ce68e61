/** The value that this fraction of the values lies below, for example 0.5 for the median. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * fraction), sorted.length - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Turns the order by one place: whoever comes later in a round pays for the garbage of those before. */
export function rotate<Value>(values: readonly Value[], round: number): readonly Value[] {
  const first = round % Math.max(values.length, 1);
  return [...values.slice(first), ...values.slice(0, first)];
}
