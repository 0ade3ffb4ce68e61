import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { collectBody, discardBody, streamOf } from '../../../adapter/http/body.ts';

const text = Buffer.from('some bytes');

function streamed(parts: readonly Buffer[], length?: number): { stream: Readable; length: number | undefined } {
  return { stream: Readable.from(parts), length };
}

describe('collectBody', () => {
  test('returns a Buffer unchanged', async () => {
    expect(await collectBody(text)).toBe(text);
  });

  test.each([
    ['one part', [text]],
    ['no part', []],
    ['parts of one byte', Array.from({ length: 200_000 }, (_, index) => Buffer.from([index % 256]))],
    ['small and large parts in turn', Array.from({ length: 60 }, (_, index) => Buffer.alloc(1 + index * 300, index))],
  ])('reads a stream to its end: %s', async (_, parts) => {
    expect(await collectBody(streamed(parts))).toEqual(Buffer.concat(parts));
  });

  test.each([
    ['a body at hand', text],
    ['a stream of stated length', streamed([text], text.length)],
    ['a stream of unknown length', streamed([text])],
  ])('returns undefined for more bytes than the limit: %s', async (_, body) => {
    expect(await collectBody(body, text.length - 1)).toBeUndefined();
    expect(Buffer.isBuffer(body) || body.stream.destroyed).toBe(true);
  });

  test('takes exactly as many bytes as the limit', async () => {
    expect(await collectBody(streamed([text], text.length), text.length)).toEqual(text);
  });

  test('rejects with the error of an interrupted stream', async () => {
    const stream = new PassThrough();
    stream.write(text);
    stream.destroy(new Error('broken off'));
    await expect(collectBody({ stream, length: undefined })).rejects.toThrow('broken off');
  });
});

test.each([
  ['bytes', text],
  ['no bytes', Buffer.alloc(0)],
])('streamOf makes a stream of a Buffer: %s', async (_, body) => {
  expect(await buffer(streamOf(body))).toEqual(body);
});

test('discardBody ends a stream without an unhandled error', async () => {
  const stream = new PassThrough();
  discardBody({ stream, length: undefined });
  stream.destroy(new Error('later'));
  await new Promise((resolve) => stream.once('close', resolve));
  expect(stream.destroyed).toBe(true);
});
