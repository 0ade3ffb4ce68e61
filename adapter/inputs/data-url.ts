import { CallerError } from '../errors.ts';
import { parseBase64 } from './base64.ts';
import type { InputFile } from '../fetch/resource.ts';

/**
 * Reads a `data:` URL (RFC 2397). A missing media type stays undefined.
 * Throws CallerError 400 if it is malformed.
 *
 * @param name the key of the URL, for the message
 */
export function readDataUrl(url: string, name: string): InputFile {
  const comma = url.indexOf(',');
  if (comma === -1) throw new CallerError(400, 'INPUT', `"${name}" is a data: URL without a comma before its data`);
  const [, mediaType = '', base64] = /^(.*?)(;\s*base64\s*)?$/is.exec(url.slice('data:'.length, comma)) ?? [];
  const bytes = percentDecoded(url.slice(comma + 1));
  const body = base64 === undefined ? bytes : parseBase64(bytes.toString('latin1'), name);
  // ";charset=…" alone means text/plain.
  const contentType = mediaType.startsWith(';') ? `text/plain${mediaType}` : mediaType;
  return { body, ...(contentType !== '' && { contentType }) };
}

function percentDecoded(text: string): Buffer {
  const octets = Buffer.from(text).toString('latin1');
  const decoded = octets.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
