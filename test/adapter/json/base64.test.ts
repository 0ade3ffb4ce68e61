import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Length, decodeBase64, writeBase64 } from '../../../adapter/json/base64.ts';

// Around the length of a piece.
const lengths = [0, 1, 2, 3, 4, 4095, 12_287, 12_288, 12_289, 12_290, 24_576, 40_000];

test.each(lengths)('%i bytes come out as Buffer writes them, and back as they were', (length) => {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
  const target = Buffer.alloc(base64Length(length) + 10, '.');
  const end = writeBase64(bytes, target, 5);
  expect(target.toString('latin1')).toBe(`.....${bytes.toString('base64')}.....`);
  expect(decodeBase64([target.subarray(5, end)])).toEqual(bytes);
});

test.each([
  ['white space', (text: string) => text.replace(/^..../, '$&\r\n\r\n')],
  ['an escaped slash', (text: string) => text.replace(/^../, String.raw`\/`)],
  ['padding in the middle', (text: string) => text.replace(/^..../, 'QQ==')],
  ['too much padding', (text: string) => text.replace(/....$/, 'A===')],
  ['characters outside base64', (text: string) => text.replace(/^..../, '%%%%')],
  ['a byte beyond ASCII', (text: string) => text.replace(/^./, '\u00e9')],
  ['no whole number of groups', (text: string) => text.slice(1)],
])('refuses %s, near the start or near the end of a long text', (_what, damage) => {
  const text = Buffer.alloc(30_000, 'image').toString('base64');
  for (const kept of [0, 4, 16_380, 16_384, 39_992]) {
    const damaged = text.slice(0, kept) + damage(text.slice(kept));
    expect(decodeBase64([Buffer.from(damaged, 'latin1')])).toBeUndefined();
  }
});

test('decodes a text whose padding arrives in separate parts, with nothing after it', () => {
  expect(decodeBase64(['AAA', 'AAA', '=', '=', ''].map((part) => Buffer.from(part)))).toEqual(Buffer.alloc(4));
});

test('decodes everything that it accepts like Buffer, in any number of parts', () => {
  const near = fc.string({ unit: fc.constantFrom('A', 'Q', '/', '+', '_', '-', '='), maxLength: 40 });
  fc.assert(
    fc.property(near, fc.constantFrom(0, 16_384, 32_768), fc.nat(), fc.nat(), (text, before, one, other) => {
      const whole = 'QUJD'.repeat(before / 4) + text;
      const cuts = [0, one, other, whole.length].map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b);
      const parts = cuts.map((cut, index) => Buffer.from(whole.slice(cut, cuts[index + 1])));
      const decoded = decodeBase64(parts);
      expect(decoded?.equals(Buffer.from(whole, 'base64')) ?? true).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
