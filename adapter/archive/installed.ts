import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The directory of an installed archive's files. */
export function filesOf(installed: string): string {
  return join(installed, 'files');
}

/** Records the files of an archive in `filesOf(installed)`, so that a later start can detect changes. */
export async function recordFiles(installed: string): Promise<void> {
  await writeFile(join(installed, recordName), JSON.stringify(await describeFiles(filesOf(installed))));
}

/**
 * Whether a folder holds an archive that recordFiles has recorded. /tmp may be shared, and any user may have made its
 * files: the folder has to belong to this user, others must not be able to write to it, and each recorded file has to
 * be the same file as before. Additional files of the model server are allowed.
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
 * A description of each file, by its path, that detects replaced and changed files. A user cannot choose a file's inode
 * number and change time, and hashing gigabytes would take seconds. For folders the change time is left out, as new
 * files change it.
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
