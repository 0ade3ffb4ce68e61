import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readParts } from '../../../adapter/http/read-stream.ts';

test('parts of one byte need only the memory of their bytes and one block', async () => {
  const parts = await readParts(Readable.from(Array.from({ length: 100_000 }, () => Buffer.from('x'))));
  const memory = new Set(parts?.map(({ buffer: memoryOfPart }) => memoryOfPart));
  expect([...memory].reduce((sum, each) => sum + each.byteLength, 0)).toBeLessThan(100_000 + 2 * 65_536);
});
