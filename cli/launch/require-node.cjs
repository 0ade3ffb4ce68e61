// @ts-check
// Only old syntax, see launch.cjs.
'use strict';

/** Exits with a message if Node.js is older than package.json requires. */
exports.requireNode = function () {
  var needed = require('../../package.json').engines.node.replace('>=', '');
  if (!isOlder(process.versions.node.split('.'), needed.split('.'))) return;
  console.error('modelwhisk needs Node.js ' + needed + ' or later; this is Node.js ' + process.versions.node);
  process.exit(1);
};

/** @type {(version: string[], other: string[]) => boolean} */
function isOlder(version, other) {
  if (version[0] !== other[0]) return Number(version[0]) < Number(other[0]);
  return Number(version[1]) < Number(other[1]);
}
