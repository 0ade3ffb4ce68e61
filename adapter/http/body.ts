import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { CallerError } from '../errors.ts';
import { joined, Parts } from '../../core/http/parts.ts';
import type { Body, CallSignal, ModelRequest, WholeRequest } from './message.ts';
import { ignore, listen, readParts } from './read-stream.ts';

/**
 * The whole body. A body over `limit` bytes is discarded and gives undefined. A Buffer is returned unchanged. Rejects
 * with the stream's error if the stream is interrupted, and with CallerError 504 if `signal` is aborted first.
 */
export async function collectBody(
  body: Body,
  limit = Number.POSITIVE_INFINITY,
  signal?: CallSignal,
): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(body)) return body.length > limit ? undefined : body;
  if (body.length !== undefined && body.length > limit) {
    discardBody(body);
    return undefined;
  }
  try {
    const parts = await readParts(body.stream, limit, signal);
    return parts && joined(parts);
  } catch (error) {
    throw await explained(body, error);
  }
}

/**
 * Reads a body of up to `limit` bytes into a Buffer. A longer body stays a stream that starts with the bytes read.
 * Rejects as collectBody.
 */
export async function readAhead(
  body: Body,
  limit: number,
  { signal, isEnough = () => false }: ReadAheadOptions = {},
): Promise<Body> {
  if (Buffer.isBuffer(body)) return body;
  const { stream } = body;
  const parts = new Parts();
  try {
    const ended = await new Promise<boolean>((fulfil, reject) => {
      const stop = listen(stream, {
        data: (part) => {
          parts.add(part);
          if (parts.length <= limit && !isEnough(part)) return;
          stop();
          stream.pause();
          // Synchronously, because the stream could reach its end in the next turn.
          stream.unshift(joined(parts.take()));
          fulfil(false);
        },
        end: () => fulfil(true),
        fail: reject,
        signal,
      });
    });
    if (ended) return joined(parts.take());
  } catch (error) {
    throw await explained(body, error);
  }
  return body;
}

export interface ReadAheadOptions {
  /** Aborted when nobody waits any more. */
  readonly signal?: CallSignal;
  /** Called with each part; true stops the reading. */
  readonly isEnough?: (part: Buffer) => boolean;
}

/** The body of a message that has arrived completely. Undefined for other messages and for one with trailers. */
export function readArrived(incoming: IncomingMessage): Buffer | undefined {
  if (!incoming.complete || incoming.rawTrailers.length > 0) return undefined;
  const bytes = (incoming.read() as Buffer | null) ?? Buffer.alloc(0);
  // The second read reaches the end, which releases the connection.
  incoming.read();
  return bytes;
}

/** The cause of an error of a body's stream. */
export async function explained(body: Body, error: unknown): Promise<unknown> {
  return Buffer.isBuffer(body) || body.explain === undefined ? error : body.explain(error);
}

/**
 * The request with its whole body.
 *
 * Rejects with CallerError 413 if the body is over `limit` bytes, and otherwise as collectBody.
 */
export async function wholeRequest(request: ModelRequest, limit: number): Promise<WholeRequest> {
  const body = await collectBody(request.body, limit, request.signal);
  if (body !== undefined) return { ...request, body };
  throw tooLong(request.body.length, limit);
}

/**
 * The error for a body over the limit.
 *
 * @param length the length stated by the sender, or the bytes received; undefined if unknown
 */
export function tooLong(length: number | undefined, limit: number): CallerError {
  const size = length === undefined ? `more than ${limit}` : String(length);
  return new CallerError(413, 'HTTP_REQUEST', `the request's body has ${size} bytes, over the limit of ${limit}`, {
    hint: 'send less, or name the input by its URL where the model takes a file',
  });
}

/** The body as a stream. */
export function streamOf(body: Body): Readable {
  // An array, because Readable.from would iterate over the bytes of a Buffer.
  return Buffer.isBuffer(body) ? Readable.from(body.length === 0 ? [] : [body], { objectMode: false }) : body.stream;
}

/** Stops a body that will not be read further. */
export function discardBody(body: Body): void {
  if (Buffer.isBuffer(body)) return;
  if (body.discard !== undefined) {
    body.discard();
    return;
  }
  // Later errors are irrelevant.
  body.stream.on('error', ignore);
  body.stream.destroy();
}
