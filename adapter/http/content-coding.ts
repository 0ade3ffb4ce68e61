import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

/** The decoders of a content coding (RFC 9110, section 8.4.1). */
export interface ContentDecoder {
  /** Decodes a whole body. Rejects with `ERR_BUFFER_TOO_LARGE` if the result is longer than `maxOutputLength`. */
  readonly decode: (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
  readonly stream: () => Transform;
}

/** The decoder of a coding. Undefined for an unknown one. @param name in any case, for example "gzip" */
export function contentDecoder(name: string): ContentDecoder | undefined {
  return decoders.get(name.toLowerCase());
}

const gzip = { decode: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip), stream: zlib.createGunzip };

const decoders = new Map<string, ContentDecoder>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { decode: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate), stream: zlib.createInflate }],
  [
    'br',
    {
      decode: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
      stream: zlib.createBrotliDecompress,
    },
  ],
]);
