// @ts-check
// Runs the program: in a checkout, after what it needs has been installed, from a bundle of its sources.
'use strict';

const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { requirePackages } = require('./install.cjs');

const root = path.join(__dirname, '../..');

exports.run = async function run() {
  requirePackages(root);
  const { bundledProgram } = await import('./bundle.mjs');
  const file = await bundledProgram();
  await import(pathToFileURL(file).href);
};
