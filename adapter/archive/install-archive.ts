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
 * Fetches the archive, checks it and unpacks it below the temporary directory. Returns the directory. It appears only
 * when it is complete, so that an adapter that starts again in the same container can use it.
 *
 * Rejects with ModelServerError `MODEL_START` and leaves nothing behind. The message has the URL without its query.
 *
 * @param signal aborted when the adapter shuts down
 */
export async function installArchive(archive: Archive, policy: FetchPolicy, signal: AbortSignal): Promise<string> {
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
      // After an interrupted unpacking, a file may still be written while this runs.
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    }
  } catch (cause) {
    const hint = cause instanceof ModelwhiskError ? cause.hint : undefined;
    throw new ModelServerError('MODEL_START', `the model's archive cannot be installed: ${messageOf(cause)}`, {
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
