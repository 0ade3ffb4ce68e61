import { CallerError } from '../errors.ts';
import type { ModelRequest } from '../http/message.ts';

/**
 * Refuses at once what no HTTP server can be sent (RFC 9110, sections 5.5, 5.6.2 and 9.3.6; RFC 9112, section 3.2):
 * events in JSON can name any text as method, path or header, and a header with a line end in it would be two.
 *
 * @throws CallerError 400
 */
export function checkRequest({ method, path, query, headers }: ModelRequest): void {
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
    if (name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw refused(`the request has ${hosts} Host headers`, 'expected one');
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function refused(what: string, expected: string): CallerError {
  return new CallerError(400, 'HTTP_REQUEST', `${what}; ${expected}`);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
