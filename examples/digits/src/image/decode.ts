import sharp, { type Sharp } from 'sharp';
import { HttpError } from '../errors.ts';
import { readBmpHeader } from './bmp-header.ts';
import { decodeBmp } from './bmp.ts';
import type { Pixels } from './pixels.ts';

/** Most pixels that are read: what the cameras of phones take. */
const MAX_PIXELS = 50_000_000;

/** AVIF cannot shrink while it is decoded, and takes 18 bytes a pixel. */
const MAX_AVIF_PIXELS = 16_000_000;

/**
 * Longest side to work with. Larger images are reduced during decoding, to save memory: the network reads 28 pixels.
 */
const WORKING_SIDE = 2_048;

/** The formats that are read, for messages. */
export const formats = 'PNG, JPEG, WebP, AVIF, BMP or GIF';

const signatures: readonly [format: 'sharp' | 'bmp' | 'heic', bytes: RegExp][] = [
  ['sharp', /^\x89PNG\r\n.\n/s],
  ['sharp', /^\xff\xd8\xff/],
  ['sharp', /^GIF8[79]a/],
  ['sharp', /^RIFF....WEBP/s],
  // The brands of an ISO base media file: the major one, a version, then compatible ones.
  ['sharp', /^....ftyp(?:....)*?avi[fs]/s],
  ['heic', /^....ftyp(?:....)*?(?:hei[cxms]|hev[cxms]|mif1)/s],
  ['bmp', /^BM/],
];

/** Bytes of a file in which its format shows. */
const SIGNATURE_LENGTH = 64;

// Requests rarely repeat an image, and one image at a time is enough work for one thread.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a file of one of the `formats` (its first frame), rotated by the camera's orientation. The size is read from
 * the header first, so that no memory is taken for an image that is refused. Throws HttpError 400 for anything
 * undecodable and 413 for one of too many pixels.
 */
export async function decodeImage(file: Buffer): Promise<Pixels> {
  const start = file.toString('latin1', 0, SIGNATURE_LENGTH);
  const format = signatures.find(([, bytes]) => bytes.test(start))?.[0];
  if (format === undefined) {
    throw new HttpError(400, `The image is not a ${formats} file`);
  }
  if (format === 'heic') {
    throw new HttpError(400, `The image is a HEIC file; expected ${formats}. Export it as JPEG`);
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
  const metadata = await sharp(file, { limitInputPixels: false }).metadata();
  checkSize(metadata, metadata.format === 'heif' ? MAX_AVIF_PIXELS : MAX_PIXELS);
  return sharp(file, { failOn: 'error', limitInputPixels: MAX_PIXELS }).autoOrient();
}

function openBmp(file: Buffer): Sharp {
  checkSize(readBmpHeader(file), MAX_PIXELS);
  const { width, height, data } = decodeBmp(file, WORKING_SIDE);
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

function checkSize({ width, height }: { width: number; height: number }, most: number): void {
  if (width * height > most) {
    throw new HttpError(
      413,
      `The image is ${width} x ${height} pixels; at most ${most / 1_000_000} megapixels are read. Send a smaller one`,
    );
  }
}
