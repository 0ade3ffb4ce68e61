import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, ModelwhiskError } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import { redacted } from '../fetch/url.ts';
import { download } from './download.ts';
import { filesOf, isInstalled, recordFiles } from './installed.ts';
import type { Archive } from './settings.ts';
import { unpack } from './unpack.ts';

/**
 * Fetches the archive, checks it and unpacks it below the temporary directory. Returns the directory of its files. It
 * appears only when it is complete, so that an adapter that restarts in the same container can use it. Simultaneous
 * starts may share a temporary directory. Files of other users in it are neither used nor removed.
 *
 * Rejects with ModelServerError `MODEL_START` and leaves nothing behind. The message has the URL without its query.
 *
 * @param signal aborted when the adapter shuts down
 */
export async function installArchive(archive: Archive, policy: FetchPolicy, signal: AbortSignal): Promise<string> {
  try {
    const installed = join(tmpdir(), `modelwhisk-archive-${archive.sha256.toLowerCase()}`);
    if (await isInstalled(installed)) return filesOf(installed);
    const work = await mkdtemp(join(tmpdir(), 'modelwhisk-archive-'));
    try {
      await fillFolder(work, archive, policy, signal);
      return filesOf(await moveInto(installed, work));
    } catch (error) {
      await remove(work);
      throw error;
    }
  } catch (cause) {
    const hint = cause instanceof ModelwhiskError ? cause.hint : undefined;
    throw new ModelServerError('MODEL_START', `the model's archive cannot be installed: ${messageOf(cause)}`, {
      ...(hint !== undefined && { hint }),
      cause,
    });
  }
}

async function fillFolder(work: string, archive: Archive, policy: FetchPolicy, signal: AbortSignal): Promise<void> {
  const file = join(work, 'archive');
  await download(archive, policy, file, signal);
  await mkdir(filesOf(work));
  await unpack(file, filesOf(work), archive.maximumBytes, signal).catch((cause: unknown) => {
    throw new Error(`${redacted(archive.url)} cannot be unpacked: ${messageOf(cause)}`, { cause });
  });
  await rm(file);
  await recordFiles(work);
  // The model server may run as any user, and has to read it.
  await chmod(work, 0o755);
}

/** Moves the unpacked files to their final path, and returns the path in use. */
async function moveInto(installed: string, work: string): Promise<string> {
  try {
    await rename(work, installed);
    return installed;
  } catch {
    // Another start was faster, or the path is taken.
    if (!(await isInstalled(installed))) {
      console.error(`modelwhisk: ${installed} is not what an adapter has unpacked there; it is left alone`);
      return work;
    }
    await remove(work);
    return installed;
  }
}

async function remove(work: string): Promise<void> {
  // After an interrupted unpacking, a file may still be written while this runs.
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
