/**
 * An equivalent Content-Type that the controller can parse. It refuses the whole reply for a ";" at the end or a
 * parameter without a value (pekko-http, ContentTypeHeader.scala). Undefined without a valid media type.
 */
export function readableContentType(declared: string): string | undefined {
  if (readable.test(declared)) return declared;
  const [, name, rest] = startsWithType.exec(declared) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const parameters = [...rest.matchAll(parameter)].map(([, attribute, value]) => `${attribute}=${value}`);
  return [name, ...parameters].join('; ');
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const value = String.raw`(?:"(?:[^"\\]|\\.)*"|${token})`;
const readable = new RegExp(String.raw`^${token}/${token}(?:[ \t]*;[ \t]*${token}[ \t]*=[ \t]*${value})*$`);
const startsWithType = new RegExp(String.raw`^\s*(${token}/${token})(?![^\s;,])(.*)$`, 's');
const parameter = new RegExp(String.raw`;[ \t]*(${token})[ \t]*=[ \t]*(${value})(?=[ \t]*(?:;|$))`, 'g');
