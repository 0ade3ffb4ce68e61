/** The quantile of the values, for example 0.5 for the median. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * fraction), sorted.length - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Rotates the order by one place per round, because later ones pay for the garbage of earlier ones. */
export function rotate<Value>(values: readonly Value[], round: number): readonly Value[] {
  const first = round % Math.max(values.length, 1);
  return [...values.slice(first), ...values.slice(0, first)];
}
