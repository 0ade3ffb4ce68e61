import { CallerError } from '../../errors.ts';
import type { Header } from '../../http/message.ts';

/**
 * A header as an event in JSON names it, made fit for the wire: characters stand for bytes as Latin-1. Where there are
 * others, the bytes that the caller sent were UTF-8, as a header has no character set of its own.
 *
 * @throws CallerError when name or value could not have been in a request
 */
export function receivedHeader(name: string, value: unknown): Header {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || typeof value !== 'string') {
    throw new CallerError(
      400,
      'EVENT',
      `header ${JSON.stringify(name)} is ${JSON.stringify(value)}; expected a name and a text`,
    );
  }
  const bytes = /[^\0-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value;
  if (/[^\t\x20-\x7e\x80-\xff]/.test(bytes)) {
    throw new CallerError(
      400,
      'EVENT',
      `header ${name} is ${JSON.stringify(value)}; control characters are not allowed`,
    );
  }
  return [name, bytes];
}
