/**
 * Decodes base64 in the standard or the URL-safe alphabet (RFC 4648 sections 4 and 5), with or without padding.
 * Throws CallerError 400 for anything else, white space included, which Buffer.from would pass over in silence.
 *
 * @param name what the text was given as, for the message
 */
export function parseBase64(text: string, name: string): Buffer {
  const digits = text.replace(/={1,2}$/, '');
  const padded = digits.length !== text.length;
  const wrong = /[^A-Za-z0-9+/]/.test(digits) ? digits.search(/[^A-Za-z0-9_-]/) : -1;
  if (wrong !== -1) throw notBase64(digits, wrong, name);
  if (digits.length % 4 === 1 || (padded && text.length % 4 !== 0)) {
    throw new CallerError(
      400,
      'INPUT',
      `"${name}" is not base64: ${text.length} characters cannot be a whole number of bytes`,
      {
        hint: 'it may have been cut short',
      },
    );
  }
  return Buffer.from(digits, 'base64');
}

function notBase64(digits: string, urlSafeStop: number, name: string): CallerError {
  const standardStop = digits.search(/[^A-Za-z0-9+/]/);
  const position = Math.max(standardStop, urlSafeStop);
  const character = String.fromCodePoint(digits.codePointAt(position) ?? 0);
  return new CallerError(
    400,
    'INPUT',
    `"${name}" is not base64: character ${position + 1} is ${JSON.stringify(character)}`,
    {
      hint: /\s/.test(character)
        ? 'encode without line breaks and spaces, as base64 -w0 FILE does'
        : 'send the bytes of the file as base64, nothing before or after it',
    },
  );
}
import { CallerError } from '../errors.ts';
