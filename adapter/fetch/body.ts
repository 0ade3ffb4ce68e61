import { pipeline, type Readable, type Transform } from 'node:stream';
import { contentDecoder } from '../http/content-coding.ts';

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
  const name = contentEncoding?.trim() ?? '';
  if (/^(identity)?$/i.test(name)) return undefined;
  const decoder = contentDecoder(name);
  if (decoder === undefined) throw new Error(`content-encoding "${name.slice(0, 100)}" is not supported`);
  return decoder.stream();
}
