import type { ServerResponse } from 'node:http';
import type { Outcome } from '../../call/open-call.ts';
import { discardBody, explained } from '../../http/body.ts';
import { withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { BodyStream, ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';

/**
 * Sends the reply as the model server made it, but for the headers of the connection; a body that is still arriving is
 * sent as it comes, and its trailers after it. `Date` is added only where the model server sent none.
 *
 * Resolves once the last byte was handed on. Never rejects: a reply that breaks off ends the caller's connection, so that
 * the caller sees it.
 *
 * @param method of the request; a reply to HEAD has no body, and the length it states is the model server's
 * @param ended told how the reply ended, just before the caller can see that
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
  outgoing.writeHead(status, sent);
  if (Buffer.isBuffer(body)) {
    ended({ status, bytes: body.length });
    outgoing.end(body);
    return;
  }
  await sendStream(outgoing, body, (bytes, failure) => ended({ status, bytes, failure }));
}

async function sendStream(
  outgoing: ServerResponse,
  body: BodyStream,
  ended: (bytes: number, failure?: unknown) => void,
): Promise<void> {
  // The head waits for what arrived together with it, and for nothing more.
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

/** Ends the connection in a way that no client takes for the end of the reply. */
function breakOff(outgoing: ServerResponse, body: BodyStream): void {
  // Where the end of the connection is the end of the body, only a reset tells.
  if (outgoing.chunkedEncoding || body.length !== undefined) outgoing.destroy();
  else outgoing.socket?.resetAndDestroy();
}
