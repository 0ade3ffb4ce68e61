import { decodeText } from './java-text.ts';

/** Query parameters in order; `value` is undefined where there was no "=". */
export type QueryParameters = readonly (readonly [name: string, value: string | undefined])[];

/** Undoes percent-encoding. Throws URIError where a "%" is not followed by two hexadecimal digits. */
export function decodePercent(encoded: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(encoded)) throw new URIError(`Illegal percent-encoding in ${encoded}`);
  const bytes = encoded.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return decodeText(Buffer.from(bytes, 'latin1'));
}

/** A path as pekko-http renders it again: percent-encoding normalised, segment by segment, "//" kept. */
export function normalizePath(rawPath: string): string {
  return rawPath
    .split('/')
    .map((segment) => encode(decodePercent(segment), pathCharacters))
    .join('/');
}

/** The parameters of a query string or an url-encoded form; none for undefined. */
export function parseQuery(rawQuery: string | undefined): QueryParameters {
  if (rawQuery === undefined) return [];
  return rawQuery.split('&').map((pair) => {
    const separator = pair.indexOf('=');
    if (separator === -1) return [decodeQuery(pair), undefined];
    return [decodeQuery(pair.slice(0, separator)), decodeQuery(pair.slice(separator + 1))];
  });
}

/** A query as pekko-http renders it again: space as "+", percent-encoding normalised. */
export function renderQuery(parameters: QueryParameters): string {
  return parameters
    .map(([name, value]) => (value === undefined ? encodeQuery(name) : `${encodeQuery(name)}=${encodeQuery(value)}`))
    .join('&');
}

function decodeQuery(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}

function encodeQuery(text: string): string {
  return encode(text, queryCharacters).replaceAll('%20', '+');
}

/** Characters pekko-http leaves as they are: RFC 3986 pchar, and in a query "/" and "?" but not "&", "=", ";", "+". */
const pathCharacters = /[A-Za-z0-9\-._~!$&'()*+,;=@:]/;
const queryCharacters = /[A-Za-z0-9\-._~!$'()*,@:/?]/;

function encode(text: string, keep: RegExp): string {
  return Array.from(text, (character) => (keep.test(character) ? character : percentEncode(character))).join('');
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
