import { readdir } from 'node:fs/promises';

/** The directory, where there is one and it is not empty; else undefined. */
export async function filledDirectory(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const names = await readdir(path).catch(() => []);
  return names.length === 0 ? undefined : path;
}
