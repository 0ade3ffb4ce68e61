import sharp, { type Sharp } from 'sharp';
import { HttpError } from '../errors.ts';
import { readBmpHeader } from './bmp-header.ts';
import { decodeBmp } from './bmp.ts';

/** Longest side that is read, in pixels. */
const MAX_SIDE = 4_096;

/** Larger images are reduced to this as they are decoded: the network reads 28 pixels, and memory is short. */
const WORKING_SIDE = 2_048;

/** Pixels row by row, four bytes each: red, green, blue, alpha (not premultiplied). */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const signatures: readonly [format: 'sharp' | 'bmp', bytes: string][] = [
  ['sharp', '\x89PNG\r\n\x1a\n'],
  ['sharp', '\xff\xd8\xff'],
  ['sharp', 'GIF87a'],
  ['sharp', 'GIF89a'],
  ['bmp', 'BM'],
];

// Requests rarely repeat an image, and one image at a time is enough work for one thread.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a PNG, JPEG, BMP or GIF file (its first frame), turned upright where a camera noted how it was held.
 * The size is read from the header first, so that no memory is taken for an image that is refused.
 * Throws HttpError 400 for anything undecodable and 413 past `MAX_SIDE`.
 */
export async function decodeImage(file: Buffer): Promise<Pixels> {
  const start = file.toString('latin1', 0, 8);
  const format = signatures.find(([, bytes]) => start.startsWith(bytes))?.[0];
  if (format === undefined) {
    throw new HttpError(400, 'The image is not a PNG, JPEG, BMP or GIF file');
  }
  try {
    return await toPixels(await (format === 'bmp' ? openBmp(file) : open(file)));
  } catch (error) {
    if (error instanceof HttpError) {
      throw error;
    }
    const reason = error instanceof Error ? error.message.trim().split('\n')[0] : String(error);
    throw new HttpError(400, `The image cannot be decoded: ${reason}`, { cause: error });
  }
}

async function open(file: Buffer): Promise<Sharp> {
  checkSize(await sharp(file, { limitInputPixels: false }).metadata());
  return sharp(file, { failOn: 'error', limitInputPixels: MAX_SIDE ** 2 }).autoOrient();
}

function openBmp(file: Buffer): Sharp {
  checkSize(readBmpHeader(file));
  const { width, height, data } = decodeBmp(file);
  return sharp(data, { raw: { width, height, channels: 4 } });
}

async function toPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .resize(WORKING_SIDE, WORKING_SIDE, { fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function checkSize({ width, height }: { width: number; height: number }): void {
  if (Math.max(width, height) > MAX_SIDE) {
    throw new HttpError(413, `The image is ${width} x ${height} pixels; at most ${MAX_SIDE} a side are read`);
  }
}
