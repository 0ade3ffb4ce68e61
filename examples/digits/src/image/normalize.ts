import sharp from 'sharp';
import { HttpError } from '../errors.ts';
import { SIDE } from '../model.ts';
import { decodeImage } from './decode.ts';
import { findInk, type Ink } from './ink.ts';
import { withoutSpecks } from './specks.ts';

/** The longer side of a digit within the network's image, as MNIST's authors chose it. */
const BOX = 20;

/** Ink fainter than this, of 255, does not stretch the box around a digit. */
const FAINT = 40;

/** A digit as the network reads it, with its position in the image. */
export interface Digit {
  /** Ink from 0 to 1, `SIDE` × `SIDE`, row by row. */
  readonly image: Float32Array;
  /** Ink of the whole upright image. */
  readonly ink: Ink;
  /** A point of the image lies at `point * scale + offset` in `image`. */
  readonly place: { readonly scale: number; readonly left: number; readonly top: number };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the one digit of an image file: crops it to its ink, scales it to fit 20 × 20 and lays it into 28 × 28 with
 * its centre of mass in the middle, as MNIST was made (http://yann.lecun.com/exdb/mnist).
 * Throws HttpError 400 for an undecodable or empty image and 413 for one too large.
 */
export async function readDigit(file: Buffer): Promise<Digit> {
  const found = await findInk(await decodeImage(file));
  if (found === undefined) {
    throw new HttpError(400, 'The image shows no digit: nothing in it stands out from its border');
  }
  const ink = withoutSpecks(found, FAINT);
  const box = boxAround(ink);
  const scale = BOX / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const scaled = await resize(ink, box, width, height);
  const left = shift(scaled, width, (index) => index % width);
  const top = shift(scaled, height, (index) => Math.floor(index / width));
  const image = new Float32Array(SIDE * SIDE);
  for (const [index, value] of scaled.entries()) {
    image[(Math.floor(index / width) + top) * SIDE + (index % width) + left] = value / 255;
  }
  return { image, ink, place: { scale, left: left - box.left * scale, top: top - box.top * scale } };
}

function boxAround({ width, height, data }: Ink): Box {
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[y * width + x] ?? 0) > FAINT) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
    }
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

async function resize(ink: Ink, box: Box, width: number, height: number): Promise<Uint8Array> {
  return sharp(ink.data, { raw: { width: ink.width, height: ink.height, channels: 1 } })
    .extract(box)
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer();
}

/** How far to move along one axis so that the centre of mass lies in the middle, staying inside the image. */
function shift(values: Uint8Array, length: number, position: (index: number) => number): number {
  const mass = values.reduce((sum, value) => sum + value, 0);
  const moment = values.reduce((sum, value, index) => sum + value * (position(index) + 0.5), 0);
  const wanted = Math.round(SIDE / 2 - moment / mass);
  return Math.min(Math.max(wanted, 0), SIDE - length);
}
