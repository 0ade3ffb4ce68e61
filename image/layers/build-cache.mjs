// @ts-check
// Plain JavaScript: cli/launch/bundle.mjs needs it before any TypeScript can be run.
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.mjs';

/**
 * The result of the last call of `make`, if its input files have not changed and its output files still exist with the
 * same sizes; else calls `make`.
 *
 * @template T
 * @param {string} record JSON file that remembers it between runs
 * @param {() => Promise<Made<T>>} make
 * @param {() => void} [prepare] called before `make`
 * @returns {Promise<T>}
 */
export async function cached(record, make, prepare = () => undefined) {
  const known = await readRecord(record);
  if (known !== undefined && isCurrent(known, record)) return /** @type {T} */ (known.value);
  prepare();
  const began = Date.now();
  const made = await make();
  // An input that was written during `make`, or just before, may have been read too early.
  const settled = made.inputs.every((path) => (statOf(path)?.ctimeMs ?? 0) < began - 100);
  const state = stateOf(made.inputs);
  if (settled) await writeWhole(record, JSON.stringify({ ...made, record, state, sizes: sizesOf(made.outputs) }));
  return made.value;
}

/** Writes a file that appears only once it is whole. @type {(path: string, content: string | Uint8Array) => Promise<void>} */
export async function writeWhole(path, content) {
  makeFolder(dirname(path));
  const partial = `${path}.${randomUUID()}`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * @template T
 * @typedef {object} Made
 * @property {T} value what `cached` returns; it must survive JSON
 * @property {readonly string[]} inputs files that it was made from
 * @property {readonly string[]} outputs files that it stands for
 */

/**
 * `record` is where it was written: a record that was copied together with the sources still names the old ones.
 *
 * @typedef {Made<unknown> & { readonly record: string, readonly state: string, readonly sizes: string }} MadeRecord
 */

/** @type {(path: string) => Promise<MadeRecord | undefined>} */
async function readRecord(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @type {(known: MadeRecord, record: string) => boolean} */
function isCurrent(known, record) {
  return known.record === record && known.state === stateOf(known.inputs) && known.sizes === sizesOf(known.outputs);
}

/** Sizes and times, including the change time, which no program can set. @type {(paths: readonly string[]) => string} */
function stateOf(paths) {
  const states = paths.map((path) => {
    const found = statOf(path);
    return found === undefined ? '' : `${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  });
  return states.join();
}

/** Outputs are never written again, but may be emptied or removed. @type {(paths: readonly string[]) => string} */
function sizesOf(paths) {
  return paths.map((path) => statOf(path)?.size ?? 'gone').join();
}

/** @param {string} path */
function statOf(path) {
  return statSync(path, { throwIfNoEntry: false });
}
