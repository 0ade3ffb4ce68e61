import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// From the example's packages, because the root package does not have sharp.
export { default as sharp } from '../../../examples/digits/node_modules/sharp/dist/index.mjs';

export const example = join(import.meta.dirname, '../../../examples/digits');

/** A digit drawn for this project, from examples/digits/samples. */
export function sample(name: string): Buffer {
  return readFileSync(join(example, 'samples', name));
}

/** An image of the same drawings, written by another program (ImageMagick, netpbm). */
export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'fixtures', name));
}
