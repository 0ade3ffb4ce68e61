import type { Scanner } from './scanner.ts';

/** A weight such as `;q=0.5`. The default is 1. */
export function weight(scanner: Scanner): number {
  const given = scanner.take(/;[ \t]*q[ \t]*=[ \t]*(0(?:\.\d*)?|\.\d+|1(?:\.0*)?)[ \t]*/y)?.[1];
  return given === undefined ? 1 : Number(given);
}

/** A weight as pekko-http writes it: with one to three decimals, and nothing for 1. */
export function renderWeight(value: number): string {
  return value < 1 ? `;q=${renderNumber(value)}` : '';
}

function renderNumber(value: number): string {
  // pekko-http keeps weights as 32-bit floats.
  const rounded = String(Number(Math.fround(value).toFixed(3)));
  return rounded.includes('.') ? rounded : `${rounded}.0`;
}
