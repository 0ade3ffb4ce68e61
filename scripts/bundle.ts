import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleAdapter } from '../image/layers/bundle.ts';

/** Writes what the adapter layer holds to dist/adapter, to be looked at or to be laid onto an image by hand. */
for (const { path, bytes } of (await bundleAdapter()).files) {
  const file = join(import.meta.dirname, '../dist', path.replace(/^modelwhisk\//, ''));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  console.log(`${String(bytes.byteLength).padStart(8)}  ${path}`);
}
