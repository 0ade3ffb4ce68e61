import { expect, test } from 'vitest';
import { jsonParts } from '../../../adapter/json/scan.ts';

test.each([
  ['an empty object', '{ }', []],
  ['an empty array', '[]', []],
  ['members', '{ "a" : 1 , "b":"x" }', [['a', '1'], ['b', '"x"']]],
  ['elements', '[1, "x",null ]', [['', '1'], ['', '"x"'], ['', 'null']]],
  ['what is nested', '{"a":{"b":[{}]},"c":[[],{}]}', [['a', '{"b":[{}]}'], ['c', '[[],{}]']]],
  ['a name with escapes', String.raw`{"\"\\":1,"\u00e9":2}`, [['"\\', '1'], ['é', '2']]],
  ['brackets and quotation marks in strings', String.raw`{"a":["]\"}",{"}":"[\\"}]}`, [['a', String.raw`["]\"}",{"}":"[\\"}]`]]],
  ['numbers in any form', '[-1.50E+3,0]', [['', '-1.50E+3'], ['', '0']]],
] as const)('%s', (_title, text, parts) => {
  expect(jsonParts(text).map((part) => [part.name, part.text])).toEqual(parts);
}); // prettier-ignore
