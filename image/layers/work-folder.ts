import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf, messageOf, ModelwhiskError } from '../../core/errors.ts';
import { makeFolder } from './make-folder.mjs';

/**
 * Creates an empty folder in the cache for files that are not complete yet, passes it to `work`, and removes it
 * afterwards. It also removes what killed processes have left behind.
 *
 * @throws ModelwhiskError code `CACHE` where the cache is full or cannot be written
 */
export async function withWorkFolder<T>(cacheFolder: string, work: (folder: string) => Promise<T>): Promise<T> {
  return workIn(cacheFolder, cache, work);
}

/**
 * The same in a folder that a user named for results, which may hold other files: only what this program has left
 * behind there is removed.
 *
 * @throws ModelwhiskError code `OUTPUT` where the folder is full or cannot be written
 */
export async function withOutputFolder<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  return workIn(folder, output, work);
}

/**
 * Calls `work`, which writes to the cache.
 *
 * @throws ModelwhiskError code `CACHE` where the cache is full or cannot be written
 */
export async function writingToCache<T>(cacheFolder: string, work: () => Promise<T>): Promise<T> {
  return explaining(cacheFolder, cache, work);
}

interface Place {
  /** First part of a work folder's name; the number of its process follows. */
  readonly prefix: string;
  /** Whether something of this name, if it is older than a day, was left by a killed process. */
  readonly isOurs: (name: string) => boolean;
  readonly code: 'CACHE' | 'OUTPUT';
  readonly hints: { readonly full: string; readonly refused: string };
}

const cache: Place = {
  // Several machines or containers may share a home folder. Only processes of this one can be checked.
  prefix: `work-${hostname()}-`,
  // The last three are names of versions before 0.2.
  isOurs: (name) => /^work-|\.partial$|^context-|^runtime-files-/.test(name),
  code: 'CACHE',
  hints: {
    full: 'free some there, or set XDG_CACHE_HOME to a folder that has more: about 300 MB are needed',
    refused: 'set XDG_CACHE_HOME to a folder that can be',
  },
};

const output: Place = {
  prefix: `.modelwhisk-${hostname()}-`,
  isOurs: () => false,
  code: 'OUTPUT',
  hints: {
    full: 'free some there, or name another place',
    refused: 'name another place, or let this user write there',
  },
};

async function workIn<T>(folder: string, place: Place, work: (folder: string) => Promise<T>): Promise<T> {
  return explaining(folder, place, async () => {
    const own = await openFolder(folder, place);
    try {
      return await work(own);
    } finally {
      await rm(own, { recursive: true, force: true, maxRetries: 3 });
    }
  });
}

/** Makes an empty folder in `folder`, which it makes as well. */
async function openFolder(folder: string, place: Place): Promise<string> {
  try {
    makeFolder(folder);
    await removeStale(folder, place);
    return await mkdtemp(join(folder, `${place.prefix}${process.pid}-`));
  } catch (error) {
    throw isFull(error) ? error : refused(error, folder, place);
  }
}

async function removeStale(folder: string, place: Place): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (await isStale(name, path, place)) await rm(path, { recursive: true, force: true });
  }
}

async function isStale(name: string, path: string, { prefix, isOurs }: Place): Promise<boolean> {
  if (name.startsWith(prefix)) return !isRunning(Number.parseInt(name.slice(prefix.length), 10));
  if (!isOurs(name)) return false;
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

async function explaining<T>(folder: string, place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(error, folder, place);
  }
}

function explained(error: unknown, folder: string, place: Place): unknown {
  if (isFull(error)) {
    const { code, hints } = place;
    return new ModelwhiskError(code, `there is no space left in ${folder}`, { cause: error, hint: hints.full });
  }
  return refusals.has(codeOf(error)) ? refused(error, folder, place) : error;
}

const refusals: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR']);

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
}

function refused(cause: unknown, folder: string, { code, hints }: Place): ModelwhiskError {
  const reason = codeOf(cause) ?? messageOf(cause);
  return new ModelwhiskError(code, `${folder} cannot be written (${reason})`, { cause, hint: hints.refused });
}
