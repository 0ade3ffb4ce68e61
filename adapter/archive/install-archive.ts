import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, ModelwhiskError } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import { redacted } from '../fetch/url.ts';
import { download } from './download.ts';
import type { Archive } from './settings.ts';
import { unpack } from './unpack.ts';

/**
 * Fetches the archive, checks it and unpacks it into the temporary folder. Returns the directory, which is there whole
 * or not at all: an adapter that is started again in the same container finds it.
 *
 * Rejects with ModelServerError `MODEL_START`, naming the archive by its URL without the query; nothing is left then.
 *
 * @param signal aborted when the adapter is to end
 */
export async function placeArchive(archive: Archive, policy: FetchPolicy, signal: AbortSignal): Promise<string> {
  try {
    const directory = join(tmpdir(), `modelwhisk-archive-${archive.sha256.toLowerCase()}`);
    if (await exists(directory)) return directory;
    const work = await mkdtemp(join(tmpdir(), 'modelwhisk-archive-'));
    try {
      const [file, folder] = [join(work, 'archive'), join(work, 'model')];
      await download(archive, policy, file, signal);
      await mkdir(folder);
      await unpack(file, folder, archive.maximumBytes, signal).catch((cause: unknown) => {
        throw new Error(`${redacted(archive.url)} cannot be unpacked: ${messageOf(cause)}`, { cause });
      });
      await rename(folder, directory);
      return directory;
    } finally {
      // Where unpacking was broken off, a file may still be on its way into the folder.
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    }
  } catch (cause) {
    const hint = cause instanceof ModelwhiskError ? cause.hint : undefined;
    throw new ModelServerError('MODEL_START', `the model's archive is not there: ${messageOf(cause)}`, {
      ...(hint !== undefined && { hint }),
      cause,
    });
  }
}

async function exists(directory: string): Promise<boolean> {
  return stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
