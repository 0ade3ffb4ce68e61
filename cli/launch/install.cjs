// @ts-check
// Plain JavaScript: it runs before anything is installed.
'use strict';

const { spawnSync } = require('node:child_process');
const { accessSync, constants, readFileSync } = require('node:fs');
const path = require('node:path');
const { withLock } = require('./lock.cjs');

/** @typedef {{ readonly message: string, readonly hint: string }} Problem */

/**
 * Installs the packages in a folder's package-lock.json if necessary, and says so on stderr.
 *
 * @param {string} folder
 * @returns {Problem | undefined} why it failed
 */
exports.installPackages = function installPackages(folder) {
  if (isInstalled(folder)) return undefined;
  if (!isWritable(folder)) {
    return {
      message: `the packages of ${folder} are not installed, and this user may not write there`,
      hint: 'run npm ci there as its owner, or clone the repository into a folder of your own',
    };
  }
  const waiting = () => console.error(`waiting for another start, which installs packages in ${folder} …`);
  return withLock(path.join(folder, '.npm-ci.lock'), waiting, () =>
    // Another start may have done it meanwhile.
    isInstalled(folder) ? undefined : runNpm(folder),
  );
};

/** @type {(folder: string) => Problem | undefined} */
function runNpm(folder) {
  console.error(`installing packages in ${folder} with npm ci, once …`);
  const words = ['ci', '--json', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=silent', ...impatience];
  const { status, signal, stdout, error } = spawnSync('npm', words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) {
    return { message: `npm cannot be run: ${error.message}`, hint: 'npm comes with Node.js; put it on the PATH' };
  }
  if (status === 0) return undefined;
  const reason = signal === null ? reasonOf(stdout) : `ended by ${signal}`;
  return { message: `npm ci failed in ${folder}: ${reason}`, hint: 'run npm ci there to see everything it says' };
}

/**
 * Installs packages that the program cannot run without. If that fails, it prints the reason and exits.
 *
 * @param {string} folder
 */
exports.requirePackages = function requirePackages(folder) {
  const problem = exports.installPackages(folder);
  if (problem === undefined) return;
  console.error(`error: ${problem.message}\n  hint: ${problem.hint}`);
  process.exit(1);
};

/** By default, npm reports a missing network only after two minutes. */
const impatience = [
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=1000',
  '--fetch-timeout=20000',
];

/** npm's own summary of the error, without the help after it. @type {(stdout: string) => string} */
function reasonOf(stdout) {
  try {
    return JSON.parse(stdout).error.summary.split('\n\n')[0];
  } catch {
    return stdout.trim() || 'it says no reason';
  }
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the folder has the packages of its lock file. Compares the lock file with npm's copy in node_modules by
 * versions, because git changes the times of files.
 *
 * @param {string} folder
 */
function isInstalled(folder) {
  const installed = packagesOf(path.join(folder, 'node_modules/.package-lock.json'));
  const wanted = packagesOf(path.join(folder, 'package-lock.json'));
  return Object.entries(wanted).every(([name, { version, optional, devOptional }]) => {
    const found = installed[name]?.version;
    return name === '' || found === version || (found === undefined && (optional || devOptional) === true);
  });
}

/** @typedef {{ readonly version?: string, readonly optional?: boolean, readonly devOptional?: boolean }} LockedPackage */

/** @type {(lock: string) => Record<string, LockedPackage>} */
function packagesOf(lock) {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')).packages;
  } catch {
    return {};
  }
}
