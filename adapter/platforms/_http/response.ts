import type { ServerResponse } from 'node:http';
import type { Outcome } from '../../call/model-call.ts';
import { discardBody, explained } from '../../http/body.ts';
import { withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { BodyStream, Header, ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';

/**
 * Sends the model server's reply without headers of the connection. A body that is still arriving is streamed, with its
 * trailers. `Date` is added if it is missing.
 *
 * Resolves after the last byte. Never rejects: an interrupted reply closes the caller's connection, so that the caller
 * can detect it.
 *
 * @param method the request's method: a reply to HEAD has no body and keeps the model server's length
 * @param ended called with the outcome just before the caller can see the end
 */
export async function sendResponse(
  outgoing: ServerResponse,
  response: ModelResponse,
  method: string,
  ended: (outcome: Outcome) => void = () => undefined,
): Promise<void> {
  const { status, body } = response;
  const headers = withoutHopByHop(response.headers);
  if (method === 'HEAD' || status === 304) {
    discardBody(body);
    ended({ status, bytes: 0 });
    outgoing.writeHead(status, headers.flat()).end();
    return;
  }
  const sent = withoutHeaders(headers, ['content-length']).flat();
  if (body.length !== undefined && status !== 204) sent.push('Content-Length', String(body.length));
  if (!Buffer.isBuffer(body) && body.length === undefined && outgoing.useChunkedEncodingByDefault) {
    sent.push(...response.headers.filter(([name]) => name.toLowerCase() === 'trailer').flat());
  }
  outgoing.writeHead(status, sent);
  if (Buffer.isBuffer(body)) {
    ended({ status, bytes: body.length });
    outgoing.end(body);
    return;
  }
  await sendStream(outgoing, body, (bytes, failure) => ended({ status, bytes, failure }));
}

/**
 * Closes the connection of a caller that has not read its reply by then. Otherwise it could keep the reply in memory, and
 * the process at SIGTERM, for ever.
 *
 * @param end in epoch milliseconds. Default: in 60 seconds, as for a call
 */
export function limitReading(outgoing: ServerResponse, end = Date.now() + 60_000): void {
  if (outgoing.writableFinished || outgoing.destroyed) return;
  const limit = setTimeout(() => outgoing.destroy(), Math.max(end - Date.now(), 0));
  outgoing.once('close', () => clearTimeout(limit));
}

/** Sends the links of a 103 to the caller. HTTP/1.0 has no such replies. */
export function sendEarlyHints(outgoing: ServerResponse, headers: readonly Header[]): void {
  const links = headers.flatMap(([name, value]) => (name.toLowerCase() === 'link' ? value.split(/,\s*(?=<)/) : []));
  if (links.length === 0 || outgoing.headersSent || outgoing.req.httpVersion === '1.0') return;
  // They have no backpressure. A caller that does not read them gets only the reply.
  if (outgoing.writableLength > mostUnread) return;
  try {
    outgoing.writeEarlyHints({ link: links });
  } catch {
    // Node.js refuses some forms of links. The reply itself has them all.
  }
}

/** Bytes. */
const mostUnread = 65_536;

async function sendStream(
  outgoing: ServerResponse,
  body: BodyStream,
  ended: (bytes: number, failure?: unknown) => void,
): Promise<void> {
  // The head waits only for bytes that arrived with it.
  const head = setImmediate(() => outgoing.flushHeaders());
  const { bytes, failure } = await pump(body.stream, outgoing);
  clearImmediate(head);
  if (failure === undefined) {
    ended(bytes);
    outgoing.addTrailers(body.trailers?.().map(([name, value]): [string, string] => [name, value]) ?? []);
    outgoing.end();
    return;
  }
  discardBody(body);
  if (failure instanceof DestinationClosed) {
    ended(bytes, failure);
    return;
  }
  const cause = explained(body, failure);
  breakOff(outgoing, body);
  ended(bytes, await cause);
}

/** Closes the connection so that no client mistakes it for the end of the reply. */
function breakOff(outgoing: ServerResponse, body: BodyStream): void {
  // If the end of the connection is the regular end of the body, only a reset shows the failure.
  if (outgoing.chunkedEncoding || body.length !== undefined) outgoing.destroy();
  else outgoing.socket?.resetAndDestroy();
}
