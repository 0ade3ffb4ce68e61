import { pipeline, type Readable } from 'node:stream';
import Negotiator from 'negotiator';
import { codeOf, messageOf } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import { explained, streamOf } from '../http/body.ts';
import { contentDecoder, type ContentDecoder } from '../http/content-coding.ts';
import type { BodyStream, ModelResponse, WholeResponse } from '../http/message.ts';

/**
 * Decodes the reply's `Content-Encoding` and removes the header. Undefined if the decoded body is over `limit` bytes.
 *
 * @throws ModelServerError MODEL_REPLY if the encoding is unknown or the data is damaged
 */
export async function decodeContent(response: WholeResponse, limit: number): Promise<WholeResponse | undefined> {
  if (namesOf(response).length === 0) return response;
  let { body } = response;
  // A reply to HEAD has the header, but no body.
  for (const { name, decode } of body.length === 0 ? [] : codingsOf(response)) {
    try {
      body = await decode(body, { maxOutputLength: limit });
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw damaged(name, error);
    }
  }
  return { status: response.status, headers: withoutCodings(response), body };
}

/**
 * Decodes the reply's `Content-Encoding` as a stream and removes the header, unless the caller accepts the encoding.
 *
 * @param acceptEncoding the caller's Accept-Encoding (RFC 9110, section 12.5.3)
 * @throws ModelServerError MODEL_REPLY if the encoding is unknown; the stream fails with it if the data is damaged
 */
export async function decodeStream(response: ModelResponse, acceptEncoding: string): Promise<ModelResponse> {
  const { body } = response;
  const names = namesOf(response);
  if (names.length === 0 || accepts(acceptEncoding, names)) return response;
  if (Buffer.isBuffer(body)) {
    // Decode it before the status is sent, so that damaged data becomes a 502.
    const decoded = await decodeContent({ ...response, body }, wholeLimit);
    if (decoded !== undefined) return decoded;
  }
  const encoded: BodyStream = Buffer.isBuffer(body) ? { stream: streamOf(body), length: undefined } : body;
  return { ...response, headers: withoutCodings(response), body: decodedStream(encoded, codingsOf(response)) };
}

/** The largest complete body to decode at once, in bytes. */
const wholeLimit = 1 << 20;

interface Coding extends ContentDecoder {
  readonly name: string;
}

function decodedStream(body: BodyStream, codings: readonly Coding[]): BodyStream {
  const explain = async (error: unknown): Promise<unknown> => {
    if (body.stream.errored) return explained(body, error);
    return damaged(codings.map(({ name }) => name).join(', '), error);
  };
  const stream = codings.reduce<Readable>(
    // The reader of the last stream gets the error.
    (encoded, coding) => pipeline(encoded, coding.stream(), () => undefined),
    body.stream,
  );
  return { ...body, stream, length: undefined, explain };
}

/** The decoders of the reply's encodings. The encoding applied last is decoded first. */
function codingsOf(response: ModelResponse): Coding[] {
  const names = namesOf(response);
  if (names.length > mostCodings) {
    const message = `the model server's reply has ${names.length} content encodings, one around the other; at most ${mostCodings} are decoded`;
    const hint = 'configure the model server to send one, or none';
    throw new ModelServerError('MODEL_REPLY', message, { hint });
  }
  return names.toReversed().map((name) => {
    const coding = contentDecoder(name);
    if (coding !== undefined) return { name, ...coding };
    const hint = 'configure the model server to send no Content-Encoding, or gzip, deflate or br';
    throw new ModelServerError('MODEL_REPLY', `the model server's reply is encoded as "${name}"`, { hint });
  });
}

/** The same number as in curl: each encoding takes memory, and more are not useful (CVE-2022-32206). */
const mostCodings = 5;

function namesOf({ headers }: ModelResponse): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
}

function withoutCodings({ headers }: ModelResponse): ModelResponse['headers'] {
  return headers.filter(([name]) => !/^content-(encoding|length)$/i.test(name));
}

function accepts(acceptEncoding: string, names: readonly string[]): boolean {
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  return names.every((name) => negotiator.encodings([name]).length > 0);
}

function damaged(name: string, cause: unknown): ModelServerError {
  const message = `the model server's ${name} reply cannot be decoded: ${messageOf(cause)}`;
  return new ModelServerError('MODEL_REPLY', message, { cause });
}
