import { expect, test } from 'vitest';
import { parseJson } from '../../../gateway/json/parse.ts';
import { printJson } from '../../../gateway/json/print.ts';

const levels = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each([
  ['12345678901234567890', '12345678901234567890'],
  ['1.0', '1.0'],
  ['0.1000000000000000055', '0.1000000000000000055'],
  ['1e400', '1E+400'],
  [`1${'0'.repeat(99)}`, `1${'0'.repeat(99)}`],
  ['1e2147483000', '1E+2147483000'],
])('numbers keep their digits, as in java.math.BigDecimal: %s', (text, printed) => {
  expect(printJson(parseJson(text))).toBe(printed);
});

test.each([
  [
    'a number of more than 100 characters',
    '1'.repeat(101),
    "The number starting with '11111111111111111111' had 101 characters",
  ],
  ['an exponent beyond 32 bits', '1e9999999999', 'Too many nonzero exponent digits'],
  ['more than 1000 levels', levels(1001), 'JSON input nested too deeply'],
  ['more levels than there is stack', levels(200_000), 'JSON input nested too deeply'],
])('refuses %s', (_title, text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

test('takes 1000 levels', () => {
  expect(printJson(parseJson(levels(1000)))).toBe(levels(1000));
});
