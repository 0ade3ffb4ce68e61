import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

export interface Example {
  /** 28 × 28 pixels, light ink on black, as MNIST has it. */
  readonly png: Buffer;
  readonly label: number;
}

/** How many digits train.py sets aside: the last ones of the data. */
const HOLDOUT = 1_000;
const SIDE = 28;

/**
 * The digits that train.py held out, as PNG files with their labels.
 *
 * @param dataFolder holds `images.idx3-ubyte.gz` and `labels.idx1-ubyte.gz`
 */
export async function holdout(dataFolder: string): Promise<Example[]> {
  const images = readIdx(join(dataFolder, 'images.idx3-ubyte.gz'), 16);
  const labels = readIdx(join(dataFolder, 'labels.idx1-ubyte.gz'), 8);
  const examples = [...labels.entries()].slice(-HOLDOUT);
  return Promise.all(
    examples.map(async ([index, label]) => {
      const pixels = images.subarray(index * SIDE ** 2, (index + 1) * SIDE ** 2);
      return {
        png: await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
          .png()
          .toBuffer(),
        label,
      };
    }),
  );
}

function readIdx(path: string, header: number): Uint8Array {
  return gunzipSync(readFileSync(path)).subarray(header);
}
