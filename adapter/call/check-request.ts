import { CallerError } from '../errors.ts';
import { namesWebSocket } from '../http/headers.ts';
import type { ModelRequest } from '../http/message.ts';

/**
 * Refuses a request that HTTP does not allow (RFC 9110, sections 5.5, 5.6.2 and 9.3.6; RFC 9112, section 3.2). Events
 * in JSON can have any text as method, path or header; a line break in a header would start a second header.
 *
 * A WebSocket's handshake is refused if the platform cannot pass the connection on: a client that is answered like any
 * other would only be told that its handshake failed.
 *
 * @throws CallerError 400, or 501 for a WebSocket
 */
export function checkRequest({ method, path, query, headers, webSocket = false }: ModelRequest): void {
  if (!token.test(method)) throw refused(`the method is ${shown(method)}`, 'expected a name, for example POST');
  if (method === 'CONNECT') throw refused('the method is CONNECT', 'it opens a tunnel, and a model server is no proxy');
  if (/[^\x21-\xff]/.test(path + query)) {
    throw refused(
      `the request target is ${shown(`${path}?${query}`)}`,
      'spaces and control characters are encoded in it',
    );
  }
  let hosts = 0;
  for (const [name, value] of headers) {
    if (!token.test(name)) throw refused(`a header is named ${shown(name)}`, 'expected letters, digits and hyphens');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw refused(`header ${name} is ${shown(value)}`, 'control characters are not allowed');
    }
    const lower = name.toLowerCase();
    if (lower === 'host') hosts += 1;
    else if (lower === 'upgrade' && method === 'GET' && !webSocket && namesWebSocket(value)) throw noWebSockets();
  }
  if (hosts > 1) throw refused(`the request has ${hosts} Host headers`, 'expected one');
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function refused(what: string, expected: string): CallerError {
  return new CallerError(400, 'HTTP_REQUEST', `${what}; ${expected}`);
}

function noWebSockets(): CallerError {
  return new CallerError(501, 'HTTP_REQUEST', 'the request opens a WebSocket, which does not pass on this platform', {
    hint: 'run the image on a host of containers (Knative, Cloud Run, docker run) or as a web function of SCF',
  });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
