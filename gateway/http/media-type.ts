import { isBinaryType } from '../../core/openwhisk/media-types.ts';
import { quoteUnlessToken, Scanner, sortedParameters } from './header-values/scanner.ts';
import { canonicalCharset } from './charset.ts';

/** A media type as pekko-http keeps it. */
export interface MediaType {
  /** Lower case, for example "image". */
  readonly type: string;
  /** Lower case, for example "svg+xml". */
  readonly subtype: string;
  /** The whole type with its sorted parameters, without a charset. */
  readonly value: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Whether the controller encodes bodies of this type as base64. */
  readonly isBinary: boolean;
}

/** A Content-Type: a media type and its charset in the registered spelling. */
export interface ContentType {
  readonly media: MediaType;
  readonly charset: string | undefined;
}

/** Parses a Content-Type by pekko-http's rules (ContentTypeHeader.scala), which refuse a ";" at the end. */
export function parseContentType(value: string): ContentType | undefined {
  const scanner = new Scanner(value.trim());
  const type = scanner.token();
  if (type === undefined || scanner.take(/\//y) === undefined) return undefined;
  const subtype = scanner.token();
  if (subtype === undefined) return undefined;
  const parameters = scanner.many(() => (scanner.skip(';') ? scanner.parameter() : undefined));
  if (!scanner.isAtEnd) return undefined;
  // Of several charsets the last counts.
  const charset = parameters.findLast(([name]) => isCharset(name))?.[1];
  const others = sortedParameters(parameters.filter(([name]) => !isCharset(name)));
  const media = readMediaType(type.toLowerCase(), subtype.toLowerCase(), others, charset !== undefined);
  return media && { media, charset: charset === undefined ? undefined : canonicalCharset(charset) };
}

/** A Content-Type as pekko-http writes it: the charset last, and only if the type does not fix it. */
export function renderContentType({ media, charset }: ContentType): string {
  const isOpen = !media.isBinary && !fixedCharset.has(`${media.type}/${media.subtype}`);
  return isOpen && charset !== undefined ? `${media.value}; charset=${charset}` : media.value;
}

/** Makes a media type of its parts. Undefined for the range multipart/*, which is not a media type. */
export function readMediaType(
  type: string,
  subtype: string,
  parameters: readonly (readonly [string, string])[],
  hasCharset = parameters.some(([name]) => name === 'charset'),
): MediaType | undefined {
  if (type === 'multipart' && subtype === '*') return undefined;
  const suffix = parameters.map(([name, text]) => `; ${name}=${quoteUnlessToken(text)}`).join('');
  const isBinary = isBinaryType(type, subtype, hasCharset);
  return { type, subtype, value: `${type}/${subtype}${suffix}`, parameters, isBinary };
}

/** Whether the controller parses and renders the type as JSON (WebActions.scala, `isJsonFamily`). */
export function isJsonFamily({ value }: MediaType): boolean {
  return value === 'application/json' || value.endsWith('+json');
}

function isCharset(name: string): boolean {
  return name.toLowerCase() === 'charset';
}

/** Registered types whose charset is UTF-8 and is never written (docs/protocols/openwhisk.md, "Binary or text"). */
const fixedCharset = new Set([
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/problem+json',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'text/event-stream',
]);
