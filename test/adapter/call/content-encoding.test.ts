import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeContent, decodeStream } from '../../../adapter/call/content-encoding.ts';
import { collectBody } from '../../../adapter/http/body.ts';
import type { WholeResponse } from '../../../adapter/http/message.ts';

function encoded(encoding: string, body: Buffer): WholeResponse {
  return { status: 200, headers: [['Content-Encoding', encoding], ['Content-Length', '9'], ['x', 'y']], body }; // prettier-ignore
}

describe('decodeContent', () => {
  test('undoes five encodings', async () => {
    const body = [1, 2, 3, 4, 5].reduce((inner) => gzipSync(inner), Buffer.from('text'));
    expect((await decodeContent(encoded('gzip, gzip, gzip, gzip, gzip', body), 100))?.body.toString()).toBe('text');
  });

  test.each([
    ['gzip', gzipSync('text')],
    ['x-gzip', gzipSync('text')],
    ['deflate', deflateSync('text')],
    ['BR', brotliCompressSync('text')],
    ['deflate, gzip', gzipSync(deflateSync('text'))],
  ])('decodes %s and drops the headers that no longer apply', async (encoding, body) => {
    const decoded = await decodeContent(encoded(encoding, body), 100);
    expect([decoded?.body.toString(), decoded?.headers]).toEqual(['text', [['x', 'y']]]);
  });

  test.each(['identity', ''])('does not change a reply whose encoding is %j', async (encoding) => {
    const response = encoded(encoding, Buffer.from('text'));
    expect(await decodeContent(response, 100)).toBe(response);
  });

  test('accepts an encoded reply without a body, as to HEAD', async () => {
    expect((await decodeContent(encoded('gzip', Buffer.alloc(0)), 100))?.body.length).toBe(0);
  });

  test('returns undefined for more than the limit', async () => {
    expect(await decodeContent(encoded('gzip', gzipSync(Buffer.alloc(101))), 100)).toBeUndefined();
  });

  test.each([
    ['an encoding nobody knows', encoded('zip', Buffer.from('x')), /encoded as "zip"/],
    [
      'an encoding named like a property of objects',
      encoded('constructor', Buffer.from('x')),
      /encoded as "constructor"/,
    ],
    [
      '200 encodings',
      encoded(Array.from({ length: 200 }, () => 'gzip').join(), Buffer.from('x')),
      /200 content encodings.*at most 5/,
    ],
    ['damaged data', encoded('gzip', Buffer.from('x')), /gzip reply cannot be decoded/],
    ['truncated data', encoded('gzip', gzipSync('text').subarray(0, 12)), /gzip reply cannot be decoded/],
  ])('refuses %s', async (_what, response, message) => {
    await expect(decodeContent(response, 100)).rejects.toThrow(message);
  });
});

describe('decodeStream', () => {
  async function decodeParts(encoding: string, parts: readonly Buffer[]): Promise<string | undefined> {
    const stream = Readable.from(parts, { objectMode: false });
    const response = { ...encoded(encoding, Buffer.alloc(0)), body: { stream, length: undefined } };
    return (await collectBody((await decodeStream(response, 'identity')).body))?.toString();
  }

  test.each(['gzip', 'deflate', 'br', 'deflate, gzip'])(
    'a stream in %s without a byte is an empty reply',
    async (name) => {
      expect(await decodeParts(name, [])).toBe('');
    },
  );

  test('a stream that ends early fails', async () => {
    expect(await decodeParts('gzip', [gzipSync('text')])).toBe('text');
    await expect(decodeParts('gzip', [gzipSync('text').subarray(0, 1)])).rejects.toThrow(
      /gzip reply cannot be decoded/,
    );
  });
});
