/**
 * Undoes the run-length encoding of BMP's palette images (compression 1 with 8 bits a pixel, 2 with 4).
 * https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
 *
 * @returns one palette index a pixel, lines as in the file, without padding; pixels that the file skips are 0
 */
export function expandRunLengths(file: Buffer, start: number, width: number, height: number, bits: 4 | 8): Buffer {
  const indices = Buffer.alloc(width * height);
  let [at, x, y] = [start, 0, 0];
  const next = (): number => file.readUInt8(at++);
  const put = (index: number): void => {
    if (x < width && y < height) {
      indices[y * width + x] = index;
    }
    x++;
  };

  while (y < height) {
    const [count, value] = [next(), next()];
    if (count > 0) {
      for (let index = 0; index < count; index++) {
        put(indexIn(value, index, bits));
      }
    } else if (value === END_OF_LINE) {
      [x, y] = [0, y + 1];
    } else if (value === END_OF_IMAGE) {
      break;
    } else if (value === MOVE) {
      [x, y] = [x + next(), y + next()];
    } else {
      const literal = file.subarray(at, (at += Math.ceil((value * bits) / 16) * 2));
      for (let index = 0; index < value; index++) {
        put(indexIn(literal.readUInt8(Math.floor((index * bits) / 8)), index, bits));
      }
    }
  }
  return indices;
}

const END_OF_LINE = 0;
const END_OF_IMAGE = 1;
const MOVE = 2;

function indexIn(byte: number, position: number, bits: 4 | 8): number {
  if (bits === 8) {
    return byte;
  }
  return position % 2 === 0 ? byte >> 4 : byte & 15;
}
