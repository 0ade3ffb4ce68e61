import type { ClientRequest, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Sends a request with its body. Resolves with the head of the answer. Rejects with the request's error, or BodyFailure. */
export function exchange(request: ClientRequest, body: Uint8Array | Readable | undefined): Promise<IncomingMessage> {
  const source = body instanceof Readable ? body : undefined;
  let sent = false;
  return new Promise<IncomingMessage>((resolve, reject) => {
    request.once('finish', () => (sent = true));
    request.once('error', reject);
    request.once('close', () => reject(new Error('connection closed without an answer')));
    request.once('response', (response) => {
      // A server that answers before it has read everything has refused the request. The rest is not sent.
      if (!sent) response.once('close', () => request.destroy());
      resolve(response);
    });
    source?.once('error', (cause) => reject(new BodyFailure('request body failed', { cause })));
    if (body instanceof Readable) body.pipe(request);
    else request.end(body);
  }).finally(() => {
    source?.unpipe(request);
    if (!sent) source?.destroy();
  });
}

/** The stream of the request's body failed: the error is about the source of the bytes, not about this connection. */
export class BodyFailure extends Error {}
