import type { Ink } from './ink.ts';

/** A blot with less than this share of the ink of the largest one is dirt, not a stroke of the digit. */
const SPECK = 0.03;

/**
 * The ink without specks: what is connected (also over corners) counts as one blot, and blots that hold next to
 * nothing beside the largest are wiped.
 *
 * @param faint ink of at most this, of 255, connects nothing
 */
export function withoutSpecks(ink: Ink, faint: number): Ink {
  const blots = findBlots(ink, faint);
  const largest = blots.reduce((most, { mass }) => Math.max(most, mass), 0);
  const specks = blots.filter(({ mass }) => mass < largest * SPECK);
  if (specks.length === 0) {
    return ink;
  }
  const data = ink.data.slice();
  for (const { pixels } of specks) {
    for (const pixel of pixels) {
      data[pixel] = 0;
    }
  }
  return { ...ink, data };
}

interface Blot {
  readonly pixels: readonly number[];
  /** The sum of its ink. */
  readonly mass: number;
}

function findBlots(ink: Ink, faint: number): Blot[] {
  const seen = new Uint8Array(ink.data.length);
  const blots: Blot[] = [];
  for (const [start, value] of ink.data.entries()) {
    if (seen[start] === 0 && value > faint) {
      blots.push(blotFrom(start, ink, faint, seen));
    }
  }
  return blots;
}

/** Follows the ink from one pixel to its neighbours, and marks all as seen. */
function blotFrom(start: number, { width, height, data }: Ink, faint: number, seen: Uint8Array): Blot {
  const pixels = [start];
  seen[start] = 1;
  let mass = 0;
  // The list grows while it is walked.
  for (const pixel of pixels) {
    mass += data[pixel] ?? 0;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const next = row * width + column;
        if (seen[next] === 0 && (data[next] ?? 0) > faint) {
          seen[next] = 1;
          pixels.push(next);
        }
      }
    }
  }
  return { pixels, mass };
}
