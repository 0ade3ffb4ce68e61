export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Size of the header that follows the first 14 bytes of the file. */
  readonly size: number;
  readonly pixelsAt: number;
  readonly colours: number;
}

export const FILE_HEADER = 14;

/**
 * Reads the size and layout of a Windows bitmap.
 * https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
 */
export function readBmpHeader(file: Buffer): BmpHeader {
  const size = file.readUInt32LE(FILE_HEADER);
  if (size < 40 || size > 124) {
    throw new Error(`BMP header of ${size} bytes; expected 40 to 124`);
  }
  const width = file.readInt32LE(18);
  const height = file.readInt32LE(22);
  if (width <= 0 || height === 0) {
    throw new Error(`BMP of ${width} x ${height} pixels`);
  }
  const bits = file.readUInt16LE(28);
  return {
    width,
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression: file.readUInt32LE(30),
    size,
    pixelsAt: file.readUInt32LE(10),
    colours: bits > 8 ? 0 : Math.min(file.readUInt32LE(46) || 2 ** bits, 2 ** bits),
  };
}
