import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Reads and decodes a whole body. Undefined if it has more than `maximumBytes` after decoding. */
export async function readBody(
  body: Readable,
  contentEncoding: string | null,
  maximumBytes: number,
): Promise<Buffer | undefined> {
  const decoder = decoderOf(contentEncoding);
  // Errors of both streams arrive through the decoder.
  const decoded = decoder === undefined ? body : pipeline(body, decoder, () => undefined);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function decoderOf(contentEncoding: string | null): Transform | undefined {
  switch (contentEncoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new Error(`content-encoding "${contentEncoding?.slice(0, 100)}" is not supported`);
  }
}
