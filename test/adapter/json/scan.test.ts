import { describe, expect, test } from 'vitest';
import { jsonParts, replaceOutsideStrings } from '../../../adapter/json/scan.ts';

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

describe('what is outside of strings', () => {
  test.each([
    ['{ "a b" : [ 1 ] }', '{"a b":[1]}'],
    [String.raw`{ "a \" \\" : " \"" }`, String.raw`{"a \" \\":" \""}`],
    ['[ 1 , "not closed ', '[1,"notclosed'],
    ['', ''],
  ])('is replaced: %s', (text, expected) => {
    expect(replaceOutsideStrings(text, (part) => part.replaceAll(/\s+/g, ''))).toBe(expected);
  });

  test('is replaced beside strings of megabytes', () => {
    const string = `"${'x'.repeat(9_000_000)}${String.raw`\"`.repeat(500_000)}"`;
    expect(replaceOutsideStrings(`{ "a": ${string} }`, (part) => part.trim()) === `{"a":${string}}`).toBe(true);
  });
});
