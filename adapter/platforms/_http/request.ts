import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { CallLimits } from '../../call/model-call.ts';
import { CallerError } from '../../errors.ts';
import { collectBody, readArrived, tooLong } from '../../http/body.ts';
import { headerPairs, namesWebSocket, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { Body, BodyStream, CallSignal, ModelRequest } from '../../http/message.ts';

/**
 * The request as it arrived: method, path, query and headers unchanged, except for headers of the connection (Upgrade
 * stays if it asks for a WebSocket), and the body as a stream. A body that arrived together with the head is a Buffer.
 *
 * Rejects with CallerError: 400 for an invalid target, 413 for a too long body, 501 for an unknown transfer coding. A
 * body without a stated length fails with 413 during its transfer.
 *
 * @param maximum longest body in bytes
 * @param read the body, if it was read already
 */
export async function readRequest(
  incoming: IncomingMessage,
  maximum: number,
  limits: CallLimits,
  read?: Buffer,
): Promise<ModelRequest> {
  const { path, query } = readTarget(incoming.url ?? '');
  const headers = [...withoutHeaders(withoutHopByHop(headerPairs(incoming.rawHeaders)), ['expect'])];
  if (namesWebSocket(incoming.headers.upgrade ?? '')) headers.push(['Upgrade', 'websocket']);
  const body = read ?? (await bodyOf(incoming, maximum));
  const { te } = incoming.headers;
  const takesTrailers = te !== undefined && /(^|[,\s])trailers\s*(,|$)/i.test(String(te));
  return { method: incoming.method ?? 'GET', path, query, headers, body, takesTrailers, ...limits };
}

/**
 * The request's whole body. Rejects with CallerError: 413 over the limit, 504 if the signal is aborted first.
 *
 * @param maximum longest body in bytes
 */
export async function readBody(incoming: IncomingMessage, maximum: number, signal?: CallSignal): Promise<Buffer> {
  const body = await bodyOf(incoming, maximum);
  const whole = await collectBody(body, maximum, signal);
  if (whole !== undefined) return whole;
  throw tooLong(body.length, maximum);
}

/**
 * Reads the rest of a request that nobody reads, because some clients read the reply only after sending it. A caller
 * that waits for 100 (Continue) is not asked for it, see `listen`.
 */
export function drain(incoming: IncomingMessage): void {
  incoming.removeAllListeners('resume');
  incoming.on('error', () => undefined).resume();
}

/**
 * Lets a connection that is to close after the reply stay open until its request has arrived, for at most 10 seconds. A
 * client that is still sending would lose the reply with the connection (RFC 9112, section 9.6).
 */
export function closeAfterRequest(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  const { socket } = incoming;
  const close = socket.destroySoon.bind(socket);
  // node:http calls this when the reply is written.
  socket.destroySoon = () => {
    if (incoming.complete) {
      close();
      return;
    }
    socket.end();
    const destroy = (): void => void socket.destroy();
    const expire = setTimeout(destroy, 10_000);
    incoming.once('end', destroy).once('close', destroy);
    socket.once('close', () => clearTimeout(expire));
    drain(incoming);
  };
}

/** Origin form or absolute form (RFC 9112, section 3.2). */
function readTarget(target: string): { path: string; query: string } {
  const parts = /^(?:https?:\/\/[^/?#]*)?(\/[^?]*)?(?:\?(.*))?$/is.exec(target);
  if (parts === null) {
    throw new CallerError(400, 'HTTP_REQUEST', `the request target is ${JSON.stringify(target)}; expected a path`);
  }
  return { path: parts[1] ?? '/', query: parts[2] ?? '' };
}

async function bodyOf(incoming: IncomingMessage, maximum: number): Promise<Body> {
  const { headers } = incoming;
  const coding = headers['transfer-encoding'];
  const isChunked = coding !== undefined;
  if (isChunked && coding.trim().toLowerCase() !== 'chunked') throw unknownCoding(coding);
  const length = isChunked ? undefined : Number(headers['content-length'] ?? 0);
  if (length === 0) return Buffer.alloc(0);
  if (length !== undefined && length > maximum) throw tooLong(length, maximum);
  await arrival();
  const whole = readArrived(incoming);
  if (whole === undefined) {
    // To destroy the request would destroy the connection, which the reply needs.
    const discard = (): void => drain(incoming);
    return isChunked ? chunkedBody(incoming, maximum) : { stream: incoming, length, discard, explain };
  }
  if (whole.length > maximum) throw tooLong(whole.length, maximum);
  return whole;
}

/** The answer to other transfer codings, such as gzip (RFC 9112, section 6.1). */
function unknownCoding(coding: string): CallerError {
  const message = `the body has the transfer coding ${JSON.stringify(coding)}; expected "chunked" alone`;
  return new CallerError(501, 'HTTP_REQUEST', message, { hint: 'name a compression as Content-Encoding' });
}

/** Waits until the parser has processed all bytes that arrived with the head. */
function arrival(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function chunkedBody(incoming: IncomingMessage, maximum: number): BodyStream {
  let received = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      done(received > maximum ? tooLong(received, maximum) : null, chunk);
    },
  });
  // An error of `count` must not destroy the request, because its reply needs the connection.
  incoming.on('error', (error) => count.destroy(error));
  // It may fail before the model server reads it. The reader finds the error in the stream's state.
  count.on('error', () => undefined);
  return {
    stream: incoming.pipe(count),
    length: undefined,
    discard: () => {
      incoming.unpipe(count);
      count.destroy();
      drain(incoming);
    },
    received: () => received,
    trailers: () => headerPairs(incoming.rawTrailers),
    explain,
  };
}

function explain(error: unknown): Promise<unknown> {
  if (error instanceof CallerError) return Promise.resolve(error);
  const message = 'the caller broke off its request before the end of the body';
  return Promise.resolve(new CallerError(499, 'HTTP_REQUEST', message, { cause: error }));
}
