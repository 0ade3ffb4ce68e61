import { CallerError } from '../../errors.ts';
import type { Header } from '../../http/message.ts';

/**
 * Converts a header of a JSON event to one character per byte (Latin-1). A value with characters outside Latin-1 was
 * sent as UTF-8, because headers have no charset.
 *
 * @throws CallerError if the name or the value is invalid in HTTP
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
