/** The parts of a Content-Type that the adapter needs. */
export interface MediaType {
  /** Lower case, for example "image". */
  readonly type: string;
  /** Lower case, for example "svg+xml". */
  readonly subtype: string;
  /** The charset parameter as written. Undefined if it is missing. */
  readonly charset: string | undefined;
  /** Whether there are parameters besides charset. */
  readonly hasOtherParameters: boolean;
}

/** Parses a Content-Type. Undefined if it is malformed, or too long to be one: the pattern could overflow the stack. */
export function parseMediaType(contentType: string): MediaType | undefined {
  const known = recent.get(contentType);
  if (known !== undefined) return known;
  const media = parse(contentType);
  if (media === undefined) return undefined;
  // Every form has another boundary, so the cache would grow without end.
  if (recent.size >= 100) recent.clear();
  recent.set(contentType, media);
  return media;
}

/** A cache, because each call parses the same value several times. */
const recent = new Map<string, MediaType>();

function parse(contentType: string): MediaType | undefined {
  if (contentType.length > longest) return undefined;
  const [, type, subtype, rest] = mediaTypePattern.exec(contentType) ?? [];
  if (type === undefined || subtype === undefined || rest === undefined) return undefined;
  let charset: string | undefined;
  let hasOtherParameters = false;
  for (const [, name, quoted, plain] of rest.matchAll(parameterPattern)) {
    // Of repeated parameters the first counts (WHATWG MIME Sniffing, section 4.4).
    if (name?.toLowerCase() === 'charset') charset ??= quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    else if (name !== undefined) hasOtherParameters = true;
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), charset, hasOtherParameters };
}

/** Characters. A type in an input may have any length. */
const longest = 10_000;

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameters = String.raw`\s*;(?:\s*(${token})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(${token})))?`;
const mediaTypePattern = new RegExp(String.raw`^\s*(${token})/(${token})((?:${parameters})*)\s*$`);
const parameterPattern = new RegExp(parameters, 'g');
