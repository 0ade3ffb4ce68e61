import { expect, test } from 'vitest';
import { checksum } from '../../core/checksum.ts';

test.each([
  [[], '811c9dc5'],
  [[''], '050c5d1f'],
])('of %j is FNV-1a, with a NUL after each text: %s', (texts, expected) => {
  expect(checksum(...texts)).toBe(expected);
});

test('different texts, or the same texts split differently, have different checksums', () => {
  const sums = [['a', 'b'], ['ab', ''], ['b', 'a'], ['a'], ['\u0100'], ['\0']].map((texts) => checksum(...texts));
  expect(new Set(sums).size).toBe(sums.length);
});
