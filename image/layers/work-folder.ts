import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf, ModelwhiskError } from '../../core/errors.ts';

/**
 * Gives `work` an empty folder within the cache for what is not whole yet, and removes it afterwards. What processes that
 * were killed have left behind goes, too.
 *
 * @throws ModelwhiskError code `CACHE` where the cache is full or cannot be written
 */
export async function withWorkFolder<T>(cacheFolder: string, work: (folder: string) => Promise<T>): Promise<T> {
  return writingToCache(cacheFolder, async () => {
    await mkdir(cacheFolder, { recursive: true });
    await removeStale(cacheFolder);
    const folder = await mkdtemp(join(cacheFolder, `${prefix}${process.pid}-`));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  });
}

/**
 * What `work` gives, which writes to the cache.
 *
 * @throws ModelwhiskError code `CACHE` where the cache is full or cannot be written
 */
export async function writingToCache<T>(cacheFolder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(error, cacheFolder);
  }
}

/** Several machines, or containers, may share a home folder: only of its own can a process tell what still runs. */
const prefix = `work-${hostname()}-`;

async function removeStale(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const path = join(cacheFolder, name);
    if (await isStale(name, path)) await rm(path, { recursive: true, force: true });
  }
}

async function isStale(name: string, path: string): Promise<boolean> {
  if (name.startsWith(prefix)) return !isRunning(Number.parseInt(name.slice(prefix.length), 10));
  // The last three are how versions before 0.2 called them.
  if (!/^work-|\.partial$|^context-|^runtime-files-/.test(name)) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > dayInMilliseconds;
}

const dayInMilliseconds = 24 * 60 * 60 * 1000;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function explained(error: unknown, cacheFolder: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ModelwhiskError('CACHE', `there is no space left in ${cacheFolder}`, {
      cause: error,
      hint: 'free some there, or set XDG_CACHE_HOME to a folder that has more: about 300 MB are needed',
    });
  }
  if (code !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) {
    return new ModelwhiskError('CACHE', `${cacheFolder} cannot be written (${code})`, {
      cause: error,
      hint: 'set XDG_CACHE_HOME to a folder that can be',
    });
  }
  return error;
}
