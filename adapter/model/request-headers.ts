import { withoutHopByHop } from '../http/headers.ts';
import type { ModelRequest } from '../http/message.ts';
import { forwardingHeaders, forwardingLines } from './outer-address.ts';

/**
 * The headers for the model server, as node:http takes them: names and values in turn, in the caller's order and
 * spelling. Headers of the caller's connection are dropped, and Expect, because the body is sent immediately.
 *
 * Content-Length is set for every body of known length, and to 0 for methods that usually have a body (RFC 9110,
 * section 8.6). Without it, node:http would send a chunked body, which a server that reads only Content-Length mistakes
 * for the next request. A stream of unknown length is sent chunked. A WebSocket's handshake gets its own Connection and
 * Upgrade headers, and a caller that takes trailers has a TE header.
 *
 * If the platform knows the outer address, it replaces the caller's headers about it.
 */
export function requestHeaders(
  { method, headers, body, webSocket, takesTrailers, outer }: ModelRequest,
  authority: string,
): string[] {
  const lines: string[] = [];
  let hasHost = false;
  let statesLength = !mostlyWithoutBody.has(method);
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'content-length') statesLength = true;
    else if (lower !== 'expect' && !(outer !== undefined && forwardingHeaders.includes(lower))) lines.push(name, value);
    if (lower === 'host') hasHost = true;
  }
  if (!hasHost) lines.unshift('Host', authority);
  if (outer !== undefined) lines.push(...forwardingLines(outer));
  if (webSocket === true) lines.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else if (takesTrailers === true) lines.push('Connection', 'TE', 'TE', 'trailers');
  if (body.length === undefined) lines.push('Transfer-Encoding', 'chunked');
  else if (body.length > 0 || statesLength) lines.push('Content-Length', String(body.length));
  return lines;
}

const mostlyWithoutBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);
