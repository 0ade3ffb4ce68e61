import { readdir } from 'node:fs/promises';

/** The directory if it exists and is not empty. Otherwise undefined. */
export async function filledDirectory(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const names = await readdir(path).catch(() => []);
  return names.length === 0 ? undefined : path;
}
