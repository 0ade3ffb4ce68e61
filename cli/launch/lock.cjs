// @ts-check
// Plain JavaScript: it runs before anything is installed.
'use strict';

const { readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');

/**
 * Runs `work` while no other process runs it for the same file. A process that was killed holds nobody up.
 *
 * @template T
 * @param {string} file it holds the number of the process that is at work, and is gone afterwards
 * @param {() => void} waiting called once where another process is at work
 * @param {() => T} work
 * @returns {T}
 */
exports.withLock = function withLock(file, waiting, work) {
  for (let told = false; !take(file);) {
    if (!told) waiting();
    told = true;
    sleep(100);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
};

/** @param {string} file */
function take(file) {
  if (isHeld(file)) return false;
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  // Another process that found the same dead one may just have removed this file, and written its own.
  sleep(50);
  return holderOf(file) === process.pid;
}

/** Nobody works for so long. After a restart of the machine, another process may have the number. */
const longest = 10 * 60 * 1000;

/** @param {string} file */
function isHeld(file) {
  const pid = holderOf(file);
  const { mtimeMs = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return pid !== undefined && Date.now() - mtimeMs < longest && isRunning(pid);
}

/** @type {(file: string) => number | undefined} */
function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param {number} milliseconds */
function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
