// @ts-check
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const root = path.join(__dirname, '../..');

/** Runs the program with the arguments and the environment of this process. */
exports.run = async function run() {
  await import(pathToFileURL(await program()).href);
};

/** The npm package contains the bundled program. A checkout bundles its sources, after installing their packages. */
async function program() {
  if (!existsSync(path.join(root, 'cli/entry.ts'))) return path.join(root, 'dist/program/entry.mjs');
  const { bundledProgram } = await import('./bundle.mjs');
  return bundledProgram(() => require('./install.cjs').requirePackages(root));
}
