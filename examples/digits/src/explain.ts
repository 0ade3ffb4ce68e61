import sharp from 'sharp';
import type { Digit } from './image/normalize.ts';
import { SIDE, type Model } from './model.ts';

/** Side of the window that is wiped, and the distance from one window to the next. */
const WINDOW = 5;
const STEP = 2;

/** Grey level of ink that did not matter, from 0 to 255. */
const GREY = 176;

/** Longest side of the heat map, in pixels; images are enlarged or reduced to it. */
const MAP_SIDE = 320;

/**
 * Draws which ink determined the decision, by occlusion: each window of the network's image with ink is wiped to paper,
 * and the lead of the predicted digit over the next likely one is measured again. If the lead shrinks, the ink supports
 * the digit (red); if it grows, the ink opposes it (blue). Each pixel shows the mean over the windows that covered it.
 * This method does not show the influence of places without ink.
 *
 * @returns a PNG of the image's proportions: white paper, the ink coloured
 */
export async function drawExplanation(model: Model, digit: Digit): Promise<Buffer> {
  const heat = await measureHeat(model, digit.image);
  const { width, height } = digit.ink;
  const enlarge = MAP_SIDE / Math.max(width, height);
  const size = { width: Math.max(1, Math.round(width * enlarge)), height: Math.max(1, Math.round(height * enlarge)) };
  const ink = await sharp(digit.ink.data, { raw: { width, height, channels: 1 } })
    .resize(size.width, size.height, { fit: 'fill', kernel: 'linear' })
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer();

  const pixels = Buffer.alloc(ink.length * 3);
  const { scale, left, top } = digit.place;
  for (const [index, value] of ink.entries()) {
    const x = (((index % size.width) + 0.5) / enlarge) * scale + left;
    const y = ((Math.floor(index / size.width) + 0.5) / enlarge) * scale + top;
    pixels.set(colour(value, sample(heat, x - 0.5, y - 0.5)), index * 3);
  }
  return sharp(pixels, { raw: { ...size, channels: 3 } })
    .png()
    .toBuffer();
}

/** Heat from -1 to 1 for each pixel of the network's image, the hottest being 1 or -1. */
async function measureHeat(model: Model, image: Float32Array): Promise<Float32Array> {
  const windows = windowsOver(image);
  const batch = new Float32Array((windows.length + 1) * image.length);
  batch.set(image);
  for (const [index, window] of windows.entries()) {
    const wiped = image.slice();
    for (const pixel of window) {
      wiped[pixel] = 0;
    }
    batch.set(wiped, (index + 1) * image.length);
  }
  const [whole = new Float32Array(10), ...wiped] = await model.logits(batch);
  const predicted = whole.indexOf(Math.max(...whole));
  const drops = wiped.map((logits) => lead(whole, predicted) - lead(logits, predicted));

  const sum = new Float32Array(image.length);
  const covered = new Float32Array(image.length);
  for (const [index, window] of windows.entries()) {
    for (const pixel of window) {
      sum[pixel] = (sum[pixel] ?? 0) + (drops[index] ?? 0);
      covered[pixel] = (covered[pixel] ?? 0) + 1;
    }
  }
  const mean = sum.map((value, pixel) => value / Math.max(1, covered[pixel] ?? 0));
  const hottest = mean.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return mean.map((value) => value / hottest);
}

/** The pixels of every window that holds ink; wiping an empty one changes nothing. */
function windowsOver(image: Float32Array): number[][] {
  const starts = Array.from({ length: Math.ceil((SIDE + WINDOW - 1) / STEP) }, (_, index) => 1 - WINDOW + index * STEP);
  const span = (start: number): number[] =>
    Array.from({ length: WINDOW }, (_, index) => start + index).filter((value) => value >= 0 && value < SIDE);
  return starts
    .flatMap((top) => starts.map((left) => span(top).flatMap((y) => span(left).map((x) => y * SIDE + x))))
    .filter((window) => window.some((pixel) => (image[pixel] ?? 0) > 0));
}

function lead(logits: Float32Array, label: number): number {
  return (logits[label] ?? 0) - Math.max(...logits.filter((_, other) => other !== label));
}

/** Bilinear between the pixels of the network's image, 0 outside it. */
function sample(heat: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const at = (column: number, row: number): number =>
    column >= 0 && row >= 0 && column < SIDE && row < SIDE ? (heat[row * SIDE + column] ?? 0) : 0;
  const upper = at(left, top) * (1 - right) + at(left + 1, top) * right;
  const lower = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
  return upper * (1 - down) + lower * down;
}

/** White paper, and grey ink, which is redder or bluer the more it matters. */
function colour(ink: number, heat: number): [red: number, green: number, blue: number] {
  const strength = Math.abs(heat);
  const tint = (own: boolean): number => {
    const inked = GREY * (1 - strength) + (own ? 255 * strength : 0);
    return Math.round(255 + ((inked - 255) * ink) / 255);
  };
  return [tint(heat > 0), tint(false), tint(heat < 0)];
}
