import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleAdapter } from '../image/layers/bundle.ts';
import { initOfThisMachine } from '../image/layers/init.ts';

const dist = join(import.meta.dirname, '../dist');

/**
 * Writes the content of the adapter layer to dist/adapter, to inspect it or to add it to an image by hand, and the init
 * program of the runtime layer to dist/runtime.
 */
for (const { path, bytes } of (await bundleAdapter()).files) {
  const file = join(dist, path.replace(/^modelwhisk\//, ''));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  console.log(`${String(bytes.byteLength).padStart(8)}  ${path}`);
}
if (existsSync(initOfThisMachine)) {
  await mkdir(join(dist, 'runtime'), { recursive: true });
  await copyFile(initOfThisMachine, join(dist, 'runtime/init'));
}
