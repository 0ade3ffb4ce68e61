import { parseMediaType } from '../../core/http/media-type.ts';
import { isBinary } from '../../core/openwhisk/media-types.ts';

/**
 * A Content-Type value as pekko-http writes it again: type and sub-type in lower case, parameters sorted, charset last
 * and only where the type is text that leaves the charset open. Undefined when the value is not a media type.
 * @param charset replaces the charset that the value names
 */
export function renderContentType(value: string, charset?: string): string | undefined {
  const media = parseMediaType(value);
  if (media === undefined) return undefined;
  const name = `${media.type}/${media.subtype}`;
  const shownCharset = charset ?? (media.charset === undefined ? undefined : canonicalCharset(media.charset));
  const parts = [name, ...otherParameters(value)];
  if (shownCharset !== undefined && !isBinary(value) && !fixedCharset.has(name)) parts.push(`charset=${shownCharset}`);
  return parts.join('; ');
}

/** Registered types whose charset is always UTF-8 and is never written (docs/protocols/openwhisk.md, "Binary or text"). */
const fixedCharset = new Set([
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/problem+json',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'text/event-stream',
]);

const parameterPattern = /;\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]+)/g;
const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function otherParameters(value: string): string[] {
  return [...value.matchAll(parameterPattern)]
    .filter(([, name]) => name?.toLowerCase() !== 'charset')
    .map(([, name = '', text = '']) => `${name}=${unquoteToken(text)}`)
    .toSorted();
}

function unquoteToken(text: string): string {
  const inner = text.startsWith('"') ? text.slice(1, -1) : text;
  return tokenPattern.test(inner) ? inner : text;
}

/** Registered charsets have one spelling; only those that turn up in practice are listed. */
function canonicalCharset(charset: string): string {
  return /^(?:utf-(?:8|16|16be|16le)|us-ascii|iso-8859-\d+)$/i.test(charset) ? charset.toUpperCase() : charset;
}
