// @ts-check
// Plain JavaScript, see build-cache.mjs.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and its parents, if they are missing. Throws Node's error if that is impossible.
 *
 * Node's own recursive mkdir never returns where a parent exists but the kernel answers ENOENT for anything new in it,
 * as below /proc.
 *
 * @type {(folder: string) => void}
 */
export function makeFolder(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (isFolder(folder)) return;
    const parent = dirname(folder);
    const lacksParent = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' && !isFolder(parent);
    if (!lacksParent || parent === folder) throw error;
    makeFolder(parent);
    makeFolder(folder);
  }
}

/** @param {string} path */
function isFolder(path) {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
