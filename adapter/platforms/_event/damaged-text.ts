import { parseMediaType } from '../../../core/http/media-type.ts';
import { CallerError } from '../../errors.ts';
import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { isText } from './reply.ts';

/**
 * Whether a service decoded a binary body as text. It then replaced invalid UTF-8 by U+FFFD, and bytes are lost.
 *
 * A Content-Length decides it. Without one, U+FFFD may be a character of the original body if the type says UTF-8 and
 * the text has no control characters.
 *
 * @param headers the request's headers, with Content-Length if the service passes it on
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

/** The error for a damaged body. @param who the service that decoded it @param hint what to do */
export function damagedText(status: 400 | 415, who: string, hint: string): CallerError {
  return new CallerError(status, 'EVENT', `${who} made text of a body that is no UTF-8, and lost bytes of it`, {
    hint,
  });
}
