import { expect, test } from 'vitest';
import { readDataUrl } from '../../../adapter/inputs/data-url.ts';

test.each([
  ['data:,a%20b%E2%82%ac', 'a b€'],
  ['data:,%', '%'],
  ['data:,100%zz%4', '100%zz%4'],
  ['data:,%2541', '%41'],
  ['data:,€', '€'],
  ['data:;base64,aGk%3D', 'hi'],
])('%s is %j', (url, text) => {
  expect(readDataUrl(url, 'image').body.toString()).toBe(text);
});

test('a file of which every byte is encoded takes no seconds', () => {
  const began = performance.now();
  const { body } = readDataUrl(`data:,${'%41'.repeat(3_000_000)}`, 'image');
  expect(body.equals(Buffer.alloc(3_000_000, 'A'))).toBe(true);
  expect(performance.now() - began).toBeLessThan(2000);
});

test('a type with a million parameters is read', () => {
  const url = `data:image/png${';a=b'.repeat(1_000_000)};base64,aGk=`;
  expect(readDataUrl(url, 'image').body.toString()).toBe('hi');
});
