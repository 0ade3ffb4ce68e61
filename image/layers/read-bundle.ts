import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import type { AdapterBundle } from './bundle.ts';

/** What the adapter layer holds, as `npm run build` has written it to a folder. */
export async function readBundle(folder: string): Promise<AdapterBundle> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = sources.map(async (file) => ({
    path: posix.join('modelwhisk/adapter', ...relative(folder, file).split(sep)),
    bytes: await readFile(file),
  }));
  return { files: await Promise.all(files), sources };
}
