import type { Scanner } from './scanner.ts';

/** A weight such as `;q=0.5`; 1 where there is none. */
export function weight(scanner: Scanner): number {
  const given = scanner.take(/;[ \t]*q[ \t]*=[ \t]*(0(?:\.\d*)?|\.\d+|1(?:\.0*)?)[ \t]*/y)?.[1];
  return given === undefined ? 1 : Number(given);
}

/** How pekko-http writes a weight: with one to three digits behind the point, and not at all for 1. */
export function renderWeight(value: number): string {
  return value < 1 ? `;q=${renderNumber(value)}` : '';
}

function renderNumber(value: number): string {
  // It keeps weights in 32 bits.
  const rounded = String(Number(Math.fround(value).toFixed(3)));
  return rounded.includes('.') ? rounded : `${rounded}.0`;
}
