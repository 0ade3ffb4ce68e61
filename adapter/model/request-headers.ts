import { withoutHopByHop } from '../http/headers.ts';
import type { ModelRequest } from '../http/message.ts';

/**
 * The header lines that a model server gets, name and value in turn as node:http takes them, in the caller's order and
 * spelling. Headers of the caller's connection are left out, and Expect, as the body is sent at once. The body's length
 * is stated whenever there is a body, and with 0 for every method whose requests usually have one: node:http would send
 * those chunked, which a server that looks for a length alone takes for the start of the next request (RFC 9110,
 * section 8.6). A stream of unknown length is sent chunked. A WebSocket's handshake asks for the switch anew.
 */
export function requestHeaders({ method, headers, body, webSocket }: ModelRequest, authority: string): string[] {
  const lines: string[] = [];
  let hasHost = false;
  let statesLength = !mostlyWithoutBody.has(method);
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'content-length') statesLength = true;
    else if (lower !== 'expect') lines.push(name, value);
    if (lower === 'host') hasHost = true;
  }
  if (!hasHost) lines.unshift('Host', authority);
  if (webSocket === true) lines.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  if (body.length === undefined) lines.push('Transfer-Encoding', 'chunked');
  else if (body.length > 0 || statesLength) lines.push('Content-Length', String(body.length));
  return lines;
}

const mostlyWithoutBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);
