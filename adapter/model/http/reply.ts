import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../core/errors.ts';
import { isUnframed, unframedBody } from './unframed.ts';
import { ModelServerError } from '../../errors.ts';
import { headerPairs } from '../../http/headers.ts';
import { readArrived } from '../../http/body.ts';
import type { Body, ModelResponse } from '../../http/message.ts';

/**
 * The body of a reply after its head: a Buffer if it has arrived or is empty, else a stream. An interrupted stream
 * fails with MODEL_CRASHED (see BodyStream.explain).
 *
 * @param method the request's method, because a reply to HEAD has no body
 * @param host with `port`, the server's address
 */
export function replyBody(incoming: IncomingMessage, method: string, host: string, port: number): Body {
  const length = statedLength(incoming);
  if (isBodiless(incoming, method) || length === 0) {
    incoming.resume();
    return Buffer.alloc(0);
  }
  if (isUnframed(incoming)) return { stream: unframedBody(incoming, host, port), length: undefined, explain };
  return (
    readArrived(incoming) ?? { stream: incoming, length, trailers: () => headerPairs(incoming.rawTrailers), explain }
  );
}

/** The reply of a server that has switched protocols on this connection. */
export function switchedReply(
  { rawHeaders }: IncomingMessage,
  socket: Duplex,
  { host, port }: { readonly host: string; readonly port: number },
): ModelResponse {
  const body = { stream: unframedBody(socket, host, port), length: undefined, explain };
  return { status: 101, headers: headerPairs(rawHeaders), body, upgraded: socket };
}

function statedLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined) return undefined;
  return Number(headers['content-length']);
}

function isBodiless({ statusCode }: IncomingMessage, method: string): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}

/** The cause of an error after the head of a reply. */
export function brokenReply(error: unknown): ModelServerError {
  if (error instanceof ModelServerError) return error;
  const message = `the model server broke off its reply: ${messageOf(error)}`;
  return new ModelServerError('MODEL_CRASHED', message, { cause: error });
}

function explain(error: unknown): Promise<ModelServerError> {
  return Promise.resolve(brokenReply(error));
}
