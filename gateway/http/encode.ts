import { encodeText } from '../java-text.ts';

/**
 * Encodes a text. Characters outside the charset become "?". Undefined for charsets other than UTF-8, UTF-16, ASCII
 * and ISO-8859-1; the controller also knows all others of Java.
 * @param charset in its registered spelling
 */
export function encodeIn(charset: string, text: string): Buffer | undefined {
  switch (charset) {
    case 'UTF-8':
      return encodeText(text);
    case 'US-ASCII':
      return Buffer.from(text.replaceAll(/[^\0-\u{7f}]/gu, '?'), 'latin1');
    case 'ISO-8859-1':
      return Buffer.from(text.replaceAll(/[^\0-\u{ff}]/gu, '?'), 'latin1');
    case 'UTF-16LE':
      return Buffer.from(text, 'utf16le');
    case 'UTF-16BE':
      return Buffer.from(text, 'utf16le').swap16();
    case 'UTF-16':
      return Buffer.from(text === '' ? '' : `\ufeff${text}`, 'utf16le').swap16();
    default:
      return undefined;
  }
}
