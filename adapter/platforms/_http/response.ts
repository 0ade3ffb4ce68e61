import type { ServerResponse } from 'node:http';
import { withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { WholeResponse } from '../../http/message.ts';

/**
 * Sends the reply as the model server made it, but for the headers of the connection. A body's length is stated, as
 * the whole body is at hand; `Date` is added only where the model server sent none.
 *
 * @param method of the request; a reply to HEAD has no body, and the length it states is the model server's
 */
export function sendResponse(outgoing: ServerResponse, response: WholeResponse, method: string): void {
  const headers = withoutHopByHop(response.headers);
  if (method === 'HEAD' || response.status === 304) {
    outgoing.writeHead(response.status, headers.flat()).end();
    return;
  }
  const sent = withoutHeaders(headers, ['content-length']).flat();
  if (response.status !== 204) sent.push('Content-Length', String(response.body.length));
  outgoing.writeHead(response.status, sent).end(response.body);
}
