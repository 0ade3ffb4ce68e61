import type { ModelRequest, Header } from '../model-server.ts';

/**
 * The header lines to send, name and value in turn as node:http takes them, in the caller's order and spelling.
 * Headers that belong to one connection (RFC 9110 section 7.6.1) are left out, and Expect, as the body is sent at
 * once. The body's length is stated whenever there is a body, or the method expects one (RFC 9110 section 8.6).
 */
export function requestHeaders({ method, headers, body }: ModelRequest, authority: string): string[] {
  const sent = endToEnd(headers).filter(([name]) => !/^(expect|content-length)$/i.test(name));
  const lines = sent.flat();
  if (!has(headers, 'host')) lines.unshift('Host', authority);
  if (body.length > 0 || /^(POST|PUT|PATCH)$/.test(method) || has(headers, 'content-length')) {
    lines.push('Content-Length', String(body.length));
  }
  return lines;
}

/** The header lines of a reply, from node:http's list of name and value in turn, without those of the connection. */
export function responseHeaders(rawHeaders: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return endToEnd(headers);
}

const connectionHeader =
  /^(connection|keep-alive|proxy-connection|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade)$/i;

function endToEnd(headers: readonly Header[]): Header[] {
  const connections = headers.filter(([name]) => /^connection$/i.test(name));
  const named = new Set(connections.flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/)));
  return headers.filter(([name]) => !connectionHeader.test(name) && !named.has(name.toLowerCase()));
}

function has(headers: readonly Header[], wanted: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === wanted);
}
