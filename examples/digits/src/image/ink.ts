import sharp from 'sharp';
import type { Pixels } from './pixels.ts';

/** How much ink each pixel carries, row by row, from 0 (paper) to 255. */
export interface Ink {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Paper and ink must be at least this far apart, of 255, or the image counts as empty. */
const MIN_CONTRAST = 24;

/** Paper that differs from itself by more than this, of 255, is noisy: a photo in little light. */
const NOISY = 6;

/** Noise is smoothed over the longest side divided by this, in pixels: less than the width of a stroke. */
const STROKES = 600;

/**
 * Separates ink from paper: paper is the most frequent colour of the border, ink is everything else. So dark on light,
 * light on dark, one colour on another and a stroke on a transparent ground all read the same. Returns undefined where
 * nothing differs from the paper.
 */
export async function findInk(pixels: Pixels): Promise<Ink | undefined> {
  const { width, height } = pixels;
  const border = borderOf(width, height);
  const data = await withoutNoise(distances(pixels, paperColour(pixels, border)), pixels, border);
  const largest = data.reduce((most, distance) => Math.max(most, distance), 0);
  if (largest < MIN_CONTRAST) {
    return undefined;
  }
  // Uneven light and grain make paper differ from itself: what nine tenths of the border stay under is no ink.
  const grain = grainOf(data, border);
  const floor = Math.min(grain, largest / 2);
  const peak = inkPeak(data, floor);
  return {
    width,
    height,
    data: data.map((distance) => Math.min(255, ((Math.max(distance, floor) - floor) * 255) / (peak - floor))),
  };
}

/** What nine tenths of the border stay under. */
function grainOf(data: Uint8Array, border: number[]): number {
  return quantile(
    border.map((index) => data[index] ?? 0),
    0.9,
  );
}

/** Noise averages out over a few pixels, and a stroke is wider than that. Small images have none to spare. */
async function withoutNoise(
  data: Uint8Array,
  { width, height }: { width: number; height: number },
  border: number[],
): Promise<Uint8Array> {
  const sigma = Math.max(width, height) / STROKES;
  if (sigma < 0.5 || grainOf(data, border) < NOISY) {
    return data;
  }
  return sharp(data, { raw: { width, height, channels: 1 } })
    .blur(sigma)
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function borderOf(width: number, height: number): number[] {
  const rows = Array.from({ length: height }, (_, y) => [y * width, y * width + width - 1]);
  const columns = Array.from({ length: width }, (_, x) => [x, (height - 1) * width + x]);
  return [...rows, ...columns].flat();
}

/** The median of each channel over the border, colours premultiplied by alpha. */
function paperColour({ data }: Pixels, border: number[]): number[] {
  return [0, 1, 2, 3].map((channel) =>
    quantile(
      border.map((index) => premultiplied(data, index * 4, channel)),
      0.5,
    ),
  );
}

/** Per pixel the largest difference from the paper in any channel, alpha included. */
function distances({ data }: Pixels, paper: number[]): Uint8Array {
  const [red = 0, green = 0, blue = 0, alpha = 0] = paper;
  const result = new Uint8Array(data.length / 4);
  for (let index = 0; index < result.length; index++) {
    const at = index * 4;
    result[index] = Math.max(
      Math.abs(premultiplied(data, at, 0) - red),
      Math.abs(premultiplied(data, at, 1) - green),
      Math.abs(premultiplied(data, at, 2) - blue),
      Math.abs((data[at + 3] ?? 0) - alpha),
    );
  }
  return result;
}

/** Colour under full transparency is meaningless and often left over; premultiplying makes it count for nothing. */
function premultiplied(data: Uint8Array, at: number, channel: number): number {
  const alpha = data[at + 3] ?? 0;
  return channel === 3 ? alpha : ((data[at + channel] ?? 0) * alpha) / 255;
}

/** The distance that one in a hundred inked pixels exceeds, so that a single glaring pixel does not set the scale. */
function inkPeak(data: Uint8Array, floor: number): number {
  const histogram = new Uint32Array(256);
  for (const distance of data) {
    histogram[distance] = (histogram[distance] ?? 0) + 1;
  }
  const inked = histogram.reduce((sum, count, distance) => sum + (distance > floor ? count : 0), 0);
  let above = 0;
  for (let distance = 255; distance > floor; distance--) {
    above += histogram[distance] ?? 0;
    if (above * 100 > inked) {
      return distance;
    }
  }
  return 255;
}

function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}
