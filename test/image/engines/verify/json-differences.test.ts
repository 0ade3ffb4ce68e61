import { expect, test } from 'vitest';

import { jsonDifferences } from '../../../../image/engines/verify/json-differences.ts';

test.each<[string, unknown, unknown, string[]]>([
  ['nothing', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ['a value', { config: { User: 'root' } }, { config: { User: 'max' } }, ['config.User is "root", expected "max"']],
  ['what is missing', {}, { os: 'linux' }, ['os is absent, expected "linux"']],
  ['what was added', { os: 'linux' }, {}, ['os is "linux", expected absent']],
  [
    'elements of a list',
    { Env: ['A=1', 'B=2'] },
    { Env: ['A=1', 'B=3'] },
    ['Env has "B=2", which was not expected', 'Env lacks "B=3"'],
  ],
  [
    'the order of a list',
    { Cmd: ['a', 'b'] },
    { Cmd: ['b', 'a'] },
    ['Cmd has its elements in another order or number'],
  ],
  ['how often it is there', { Cmd: ['a', 'a'] }, { Cmd: ['a'] }, ['Cmd has its elements in another order or number']],
  ['kinds', { Cmd: null }, { Cmd: ['a'] }, ['Cmd is null, expected ["a"]']],
  ['at length', { a: 'x'.repeat(300) }, { a: 1 }, [`a is "${'x'.repeat(199)}…, expected 1`]],
])('tells %s', (_what, actual, expected, lines) => {
  expect(jsonDifferences(actual, expected)).toEqual(lines);
});
