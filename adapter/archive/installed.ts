import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where an installed archive has its files. */
export function filesOf(installed: string): string {
  return join(installed, 'files');
}

/**
 * Records the files of an archive that was unpacked into `filesOf(installed)`, so that a later start can tell whether they
 * are still the same.
 */
export async function recordFiles(installed: string): Promise<void> {
  await writeFile(join(installed, recordName), JSON.stringify(await describeFiles(filesOf(installed))));
}

/**
 * Whether a folder holds an archive as recordFiles has recorded it. /tmp may be shared, and its files may have been made
 * by anybody: the folder has to belong to this user, others must not be able to write to it, and each recorded file has
 * to be the very one that was recorded. Files that the model server has added are no change.
 */
export async function isInstalled(installed: string): Promise<boolean> {
  try {
    const { uid, mode, isDirectory } = await describe(installed);
    if (!isDirectory || uid !== (process.getuid?.() ?? uid) || (mode & writableByOthers) !== 0) return false;
    const recorded = Object.entries(JSON.parse(await readFile(join(installed, recordName), 'utf8')) as object);
    const found = await describeFiles(filesOf(installed));
    return recorded.length > 0 && recorded.every(([path, description]) => found[path] === description);
  } catch {
    return false;
  }
}

const recordName = 'files.json';
const writableByOthers = 0o022;

async function describe(path: string) {
  const stats = await lstat(path);
  return { uid: stats.uid, mode: stats.mode, isDirectory: stats.isDirectory() };
}

/**
 * What tells a file from any other, by its path. Nobody can choose the number of a file and the time of its last change,
 * and to read gigabytes for their hash would take seconds. A folder changes with what is added to it.
 */
async function describeFiles(folder: string): Promise<Record<string, string>> {
  const paths = await readdir(folder, { recursive: true });
  const described = paths.map(async (path): Promise<[string, string]> => {
    const { mode, ino, size, ctimeNs, isDirectory } = await identityOf(join(folder, path));
    return [path, isDirectory ? `${mode} ${ino}` : `${mode} ${ino} ${size} ${ctimeNs}`];
  });
  return Object.fromEntries([['', 'folder'], ...(await Promise.all(described))]);
}

async function identityOf(path: string) {
  const stats = await lstat(path, { bigint: true });
  const { mode, ino, size, ctimeNs } = stats;
  return { mode, ino, size, ctimeNs, isDirectory: stats.isDirectory() };
}
