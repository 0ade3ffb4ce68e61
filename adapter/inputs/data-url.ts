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

/** Decodes in place, because a pattern takes seconds for a file of which every byte is encoded. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  let end = bytes.indexOf(percent);
  if (end === -1) return bytes;
  for (let at = end; at < bytes.length; at += 1) {
    const octet = bytes[at] === percent ? 16 * digitOf(bytes[at + 1]) + digitOf(bytes[at + 2]) : Number.NaN;
    bytes[end] = Number.isNaN(octet) ? (bytes[at] ?? 0) : octet;
    if (!Number.isNaN(octet)) at += 2;
    end += 1;
  }
  return bytes.subarray(0, end);
}

const percent = 0x25;

/** The value of a hexadecimal digit. NaN for any other character. */
function digitOf(code: number | undefined): number {
  return Number.parseInt(String.fromCharCode(code ?? 0), 16);
}
