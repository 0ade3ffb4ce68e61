import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleAdapter } from '../../image/layers/bundle.ts';

let bundle: Promise<string> | undefined;

/** Path of the adapter's main module as it stands in an image; starts faster than the sources, and tests the bundle. */
export function bundledAdapter(): Promise<string> {
  bundle ??= writeBundle();
  return bundle;
}

async function writeBundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bundle-'));
  for (const { path, bytes } of (await bundleAdapter()).files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return join(folder, 'modelwhisk', 'adapter', 'main.cjs');
}
