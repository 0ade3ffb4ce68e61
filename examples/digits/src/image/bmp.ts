import type { Pixels } from './decode.ts';

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly headerSize: number;
  readonly pixelsAt: number;
  readonly paletteSize: number;
}

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

const FILE_HEADER = 14;
const RGB = 0;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

/**
 * Reads the size and layout of a Windows bitmap. libvips has no reader for the format and the small BMP packages
 * misread palettes with few bits, hence this one.
 * https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
 */
export function readBmpHeader(file: Buffer): BmpHeader {
  const headerSize = file.readUInt32LE(FILE_HEADER);
  if (headerSize < 40 || headerSize > 124) {
    throw new Error(`BMP header of ${headerSize} bytes; expected 40 to 124`);
  }
  const height = file.readInt32LE(22);
  const bits = file.readUInt16LE(28);
  const header = {
    width: file.readInt32LE(18),
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression: file.readUInt32LE(30),
    headerSize,
    pixelsAt: file.readUInt32LE(10),
    paletteSize: bits > 8 ? 0 : file.readUInt32LE(46) || 2 ** bits,
  };
  if (header.width <= 0 || header.height === 0) {
    throw new Error(`BMP of ${header.width} x ${header.height} pixels`);
  }
  return header;
}

/** Decodes bitmaps of 1, 4, 8, 16, 24 or 32 bits a pixel that are not run-length encoded. */
export function decodeBmp(file: Buffer): Pixels {
  const header = readBmpHeader(file);
  const { width, height, bits, pixelsAt } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const readPixel = pixelReader(file, header);
  if (pixelsAt + stride * height > file.length) {
    throw new Error(`BMP file ends after ${file.length} bytes of ${pixelsAt + stride * height}`);
  }
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const line = pixelsAt + stride * (header.topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      data.set(readPixel(line, x), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

function pixelReader(file: Buffer, header: BmpHeader): (line: number, x: number) => Pixel {
  const { bits, compression } = header;
  const masked = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  if (compression === RGB && (bits === 1 || bits === 4 || bits === 8)) {
    return paletteReader(file, header);
  }
  if (compression === RGB && bits === 24) {
    return (line, x) => {
      const at = line + x * 3;
      return [file.readUInt8(at + 2), file.readUInt8(at + 1), file.readUInt8(at), 255];
    };
  }
  if ((compression === RGB || masked) && (bits === 16 || bits === 32)) {
    return maskReader(file, bits, masked ? readMasks(file, header) : bits === 16 ? masks555 : masks888);
  }
  throw new Error(`BMP with ${bits} bits a pixel and compression ${compression}; save it uncompressed, or as PNG`);
}

function paletteReader(file: Buffer, { bits, headerSize, paletteSize }: BmpHeader): (line: number, x: number) => Pixel {
  const palette = Array.from({ length: paletteSize }, (_, index): Pixel => {
    const at = FILE_HEADER + headerSize + index * 4;
    return [file.readUInt8(at + 2), file.readUInt8(at + 1), file.readUInt8(at), 255];
  });
  const perByte = 8 / bits;
  return (line, x) => {
    const shift = 8 - bits * ((x % perByte) + 1);
    const index = (file.readUInt8(line + Math.floor(x / perByte)) >> shift) & (2 ** bits - 1);
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

function readMasks(file: Buffer, { headerSize, compression }: BmpHeader): Masks {
  const at = FILE_HEADER + 40;
  const alpha = headerSize >= 56 || compression === ALPHA_BITFIELDS ? file.readUInt32LE(at + 12) : 0;
  return [file.readUInt32LE(at), file.readUInt32LE(at + 4), file.readUInt32LE(at + 8), alpha];
}

function maskReader(file: Buffer, bits: 16 | 32, masks: Masks): (line: number, x: number) => Pixel {
  const [red, green, blue, alpha] = masks.map((mask) => channelReader(mask)) as [Channel, Channel, Channel, Channel];
  return (line, x) => {
    const value = bits === 16 ? file.readUInt16LE(line + x * 2) : file.readUInt32LE(line + x * 4);
    return [red(value), green(value), blue(value), alpha(value)];
  };
}

type Channel = (value: number) => number;

function channelReader(mask: number): Channel {
  if (mask === 0) {
    return () => 255;
  }
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / largest);
}
