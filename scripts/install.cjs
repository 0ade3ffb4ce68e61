// @ts-check
// `npm test` and the other scripts that documents name run this first, so that they work on a fresh clone. Plain
// JavaScript, because nothing is installed yet.
'use strict';

require('../cli/launch/require-node.cjs').requireNode();
const path = require('node:path');
const { requirePackages } = require('../cli/launch/install.cjs');

const root = path.join(__dirname, '..');
requirePackages(root);
requirePackages(path.join(root, 'examples/digits'));
