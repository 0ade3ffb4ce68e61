import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';
import { messageOf } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import type { WholeResponse } from '../http/message.ts';

/**
 * The reply with its `Content-Encoding` undone and the header gone, unless the caller accepts it as it is.
 *
 * @param limit largest decoded body in bytes
 * @param acceptEncoding the caller's Accept-Encoding (RFC 9110, section 12.5.3). Default: "identity", for platforms
 *   that move text as text
 * @throws ModelServerError MODEL_REPLY when the encoding is unknown, the data is damaged, or the limit is passed
 */
export async function decodeContent(
  response: WholeResponse,
  limit: number,
  acceptEncoding = 'identity',
): Promise<WholeResponse> {
  const names = response.headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length === 0 || accepts(acceptEncoding, names)) return response;
  let body = response.body;
  // The last one named was applied last.
  for (let name = names.pop(); name !== undefined && body.length > 0; name = names.pop()) {
    body = await decode(body, name, limit);
  }
  const headers = response.headers.filter(([name]) => !/^content-(encoding|length)$/i.test(name));
  return { status: response.status, headers, body };
}

function accepts(acceptEncoding: string, names: readonly string[]): boolean {
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  return names.every((name) => negotiator.encodings([name]).length > 0);
}

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
};

async function decode(body: Buffer, name: string, limit: number): Promise<Buffer> {
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decoder === undefined) {
    const hint = 'configure the model server to send no Content-Encoding, or gzip, deflate or br';
    throw new ModelServerError('MODEL_REPLY', `the model server's reply is encoded as "${name}"`, { hint });
  }
  try {
    return await decoder(body, { maxOutputLength: limit });
  } catch (cause) {
    const message = `the model server's ${name} reply cannot be decoded: ${messageOf(cause)}`;
    throw new ModelServerError('MODEL_REPLY', message, { cause });
  }
}
