import { parseMediaType } from '../../../core/http/media-type.ts';
import { CallerError } from '../../errors.ts';
import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { isText } from './reply.ts';

/**
 * Whether a service took a body of bytes for text, and put U+FFFD where they were no UTF-8: the bytes are lost.
 *
 * Where the caller's length is known, it tells. Otherwise U+FFFD may be a character of the body where its type says that
 * it is UTF-8, unless there are control characters beside it, which no text has.
 *
 * @param headers of the request, its Content-Length among them where the service passes it on
 */
export function isDamaged(text: string, headers: readonly Header[]): boolean {
  if (!text.includes('\uFFFD')) return false;
  const length = headerValue(headers, 'content-length');
  if (length !== undefined && /^\d+$/.test(length)) return Number(length) !== Buffer.byteLength(text);
  // eslint-disable-next-line no-control-regex
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) || !isUtf8ByType(headers);
}

function isUtf8ByType(headers: readonly Header[]): boolean {
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  const isJson = media?.subtype === 'json' || media?.subtype.endsWith('+json') === true;
  return isText(headers) && (isJson || /^utf-?8$/i.test(media?.charset ?? ''));
}

/** The error that says so. @param who made text of the body @param hint what to do about it */
export function damagedText(status: 400 | 415, who: string, hint: string): CallerError {
  return new CallerError(status, 'EVENT', `${who} made text of a body that is no UTF-8, and lost bytes of it`, {
    hint,
  });
}
