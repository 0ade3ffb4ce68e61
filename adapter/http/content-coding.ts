import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

/** The decoders of a content coding (RFC 9110, section 8.4.1). */
export interface ContentDecoder {
  /** Decodes a whole body. Rejects with `ERR_BUFFER_TOO_LARGE` if the result is longer than `maxOutputLength`. */
  readonly decode: (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
  /** Decodes a stream. A stream without a byte stays empty. */
  readonly stream: () => Transform;
}

/** The decoder of a coding. Undefined for an unknown one. @param name in any case, for example "gzip" */
export function contentDecoder(name: string): ContentDecoder | undefined {
  return decoders.get(name.toLowerCase());
}

const gzip = {
  decode: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  stream: allowingEmpty(zlib.createGunzip),
};

const decoders = new Map<string, ContentDecoder>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'deflate',
    { decode: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate), stream: allowingEmpty(zlib.createInflate) },
  ],
  [
    'br',
    {
      decode: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
      stream: allowingEmpty(zlib.createBrotliDecompress),
    },
  ],
]);

/** zlib fails at the end of an input without a byte. Clients take it for an empty body. */
function allowingEmpty(create: () => Transform & { readonly bytesWritten: number }): () => Transform {
  return () => {
    const stream = create();
    const flush = stream._flush.bind(stream);
    stream._flush = (done) => {
      if (stream.bytesWritten === 0) done();
      else flush(done);
    };
    return stream;
  };
}
