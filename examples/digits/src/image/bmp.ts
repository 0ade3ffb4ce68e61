import { FILE_HEADER, readBmpHeader, type BmpHeader } from './bmp-header.ts';
import { expandRunLengths } from './bmp-run-length.ts';
import type { Pixels } from './pixels.ts';

/** Pixel values in lines of `stride` bytes, `bits` for each pixel. */
interface Raster {
  readonly bytes: Buffer;
  readonly start: number;
  readonly stride: number;
  readonly bits: number;
}

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];
type PixelReader = (line: number, x: number) => Pixel;

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

/**
 * Decodes Windows bitmaps of 1, 4, 8, 16, 24 or 32 bits a pixel, run-length encoded ones among them. libvips has no
 * reader for the format, and the BMP packages on npm misread palettes of few bits or do not read them; hence this one.
 *
 * @param longestSide of the result: a larger image is reduced while it is decoded, so that it takes little memory
 */
export function decodeBmp(file: Buffer, longestSide: number): Pixels {
  const header = readBmpHeader(file);
  const { width, height } = header;
  const raster = readRaster(file, header);
  const readPixel = pixelReader(file, header, raster);
  const end = raster.start + raster.stride * height;
  if (end > raster.bytes.length) {
    throw new Error(`BMP file ends after ${file.length} bytes of ${end}`);
  }
  const lineOf = (y: number): number => raster.start + raster.stride * (header.topDown ? y : height - 1 - y);
  return reduced({ width, height }, Math.ceil(Math.max(width, height) / longestSide), (x, y) =>
    readPixel(lineOf(y), x),
  );
}

/** The image with each block of `step` × `step` pixels, fewer at the right and lower edge, made their mean. */
function reduced(
  size: { width: number; height: number },
  step: number,
  pixelAt: (x: number, y: number) => Pixel,
): Pixels {
  const width = Math.ceil(size.width / step);
  const height = Math.ceil(size.height / step);
  const data = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const sums = new Uint32Array(width * 4);
    const lines = Math.min(step, size.height - row * step);
    for (let y = row * step; y < row * step + lines; y++) {
      for (let x = 0; x < size.width; x++) {
        const at = Math.floor(x / step) * 4;
        for (const [channel, value] of pixelAt(x, y).entries()) {
          sums[at + channel] = (sums[at + channel] ?? 0) + value;
        }
      }
    }
    for (const [index, sum] of sums.entries()) {
      const columns = Math.min(step, size.width - Math.floor(index / 4) * step);
      data[row * width * 4 + index] = Math.round(sum / (lines * columns));
    }
  }
  return { width, height, data };
}

function readRaster(file: Buffer, { width, height, bits, compression, pixelsAt }: BmpHeader): Raster {
  if ((compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4)) {
    return { bytes: expandRunLengths(file, pixelsAt, width, height, bits), start: 0, stride: width, bits: 8 };
  }
  return { bytes: file, start: pixelsAt, stride: Math.ceil((width * bits) / 32) * 4, bits };
}

function pixelReader(file: Buffer, header: BmpHeader, { bytes, bits }: Raster): PixelReader {
  const { compression } = header;
  const masked = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  if (compression <= RLE4 && (bits === 1 || bits === 4 || bits === 8)) {
    return paletteReader(readPalette(file, header), bytes, bits);
  }
  if (compression === RGB && bits === 24) {
    return (line, x) => readColour(bytes, line + x * 3);
  }
  if ((compression === RGB || masked) && (bits === 16 || bits === 32)) {
    return maskReader(bytes, bits, masked ? readMasks(file, header) : bits === 16 ? masks555 : masks888);
  }
  throw new Error(`BMP with ${header.bits} bits a pixel and compression ${compression}; save it as PNG`);
}

function readPalette(file: Buffer, { size, colours }: BmpHeader): Pixel[] {
  return Array.from({ length: colours }, (_, index) => readColour(file, FILE_HEADER + size + index * 4));
}

function readColour(bytes: Buffer, at: number): Pixel {
  return [bytes.readUInt8(at + 2), bytes.readUInt8(at + 1), bytes.readUInt8(at), 255];
}

function paletteReader(palette: Pixel[], bytes: Buffer, bits: 1 | 4 | 8): PixelReader {
  const perByte = 8 / bits;
  return (line, x) => {
    const shift = 8 - bits * ((x % perByte) + 1);
    const index = (bytes.readUInt8(line + Math.floor(x / perByte)) >> shift) & (2 ** bits - 1);
    const pixel = palette[index];
    if (pixel === undefined) {
      throw new Error(`BMP pixel of colour ${index} in a palette of ${palette.length}`);
    }
    return pixel;
  };
}

type Masks = readonly [red: number, green: number, blue: number, alpha: number];

const masks555: Masks = [0x7c00, 0x03e0, 0x001f, 0];
const masks888: Masks = [0xff0000, 0x00ff00, 0x0000ff, 0];

function readMasks(file: Buffer, { size, compression }: BmpHeader): Masks {
  const at = FILE_HEADER + 40;
  const alpha = size >= 56 || compression === ALPHA_BITFIELDS ? file.readUInt32LE(at + 12) : 0;
  return [file.readUInt32LE(at), file.readUInt32LE(at + 4), file.readUInt32LE(at + 8), alpha];
}

function maskReader(bytes: Buffer, bits: 16 | 32, [redMask, greenMask, blueMask, alphaMask]: Masks): PixelReader {
  const red = channelReader(redMask);
  const green = channelReader(greenMask);
  const blue = channelReader(blueMask);
  const alpha = channelReader(alphaMask);
  return (line, x) => {
    const value = bits === 16 ? bytes.readUInt16LE(line + x * 2) : bytes.readUInt32LE(line + x * 4);
    return [red(value), green(value), blue(value), alpha(value)];
  };
}

function channelReader(mask: number): (value: number) => number {
  if (mask === 0) {
    return () => 255;
  }
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / largest);
}
