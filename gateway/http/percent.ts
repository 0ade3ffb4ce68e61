import { percentEncoded } from '../../core/http/percent.ts';
import { decodeText } from '../java-text.ts';

/** Decodes well-formed percent-encoding. Bytes that are invalid UTF-8 become U+FFFD. */
export function decodePercent(encoded: string): string {
  return encoded.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (run) => decodeText(Buffer.from(run.replaceAll('%', ''), 'hex')));
}

/** Percent-encodes every character that does not match `keep`. */
export function encodePercent(text: string, keep: RegExp): string {
  return Array.from(text, (character) => (keep.test(character) ? character : percentEncoded(character))).join('');
}
