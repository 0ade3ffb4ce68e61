import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// The example is a package of its own, and the root has no sharp: taken from where the example has it.
export { default as sharp } from '../../../examples/digits/node_modules/sharp/dist/index.mjs';

export const example = join(import.meta.dirname, '../../../examples/digits');

/** A digit drawn for this project, from examples/digits/samples. */
export function sample(name: string): Buffer {
  return readFileSync(join(example, 'samples', name));
}

/** An image that another program wrote (ImageMagick, netpbm), of the same drawings. */
export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'fixtures', name));
}
