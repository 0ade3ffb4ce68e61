import { randomUUID } from 'node:crypto';
import { base64Length, decodeBase64, writeBase64 } from './base64.ts';
import { isJsonObject } from './json.ts';

/**
 * Bytes that stand in a JSON document as a string of base64, and never become a string on their way in or out. Where
 * somebody does need the string, String() and JSON.stringify() give it.
 */
export class JsonBytes {
  readonly bytes: Buffer;
  /** The base64 as the document had it, in ASCII; undefined for bytes that come from elsewhere. */
  readonly text: Buffer | undefined;

  constructor(bytes: Uint8Array, text?: Buffer) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.text = text;
  }

  toString(): string {
    return this.text?.toString('latin1') ?? this.bytes.toString('base64');
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Shorter strings are parsed and written as fast as anything here could. */
const worthwhile = 4096;

/**
 * JSON.parse, but for one string: where the member at `path` is long base64, it becomes JsonBytes.
 *
 * JSON.parse decides in any case what the document means. The string is found by the name of its member, taken out, and
 * an unguessable mark is parsed in its place: where the mark does not come back as the member at `path` (the name stood
 * elsewhere, or once more further on), the whole document is parsed as it is.
 *
 * @param path names of nested members, for example ['value', '__ow_body']
 * @throws SyntaxError as JSON.parse does
 */
export function parseJson(document: Buffer, path: readonly [string, ...string[]]): unknown {
  const found = document.length > worthwhile ? findString(document, path.at(-1) ?? '') : undefined;
  const text = found === undefined ? undefined : document.subarray(found.start, found.end);
  const bytes = text === undefined ? undefined : decodeBase64(text);
  if (found === undefined || text === undefined || bytes === undefined) return JSON.parse(document.toString());
  const rest = document.toString('utf8', 0, found.start) + mark + document.toString('utf8', found.end);
  return replaceMark(rest, path, new JsonBytes(bytes, text)) ?? JSON.parse(document.toString());
}

/** A string that no document can hold by chance or on purpose. */
const mark = randomUUID();

/** Start and end, without the quotation marks, of the long string without escapes that follows `"name":`. */
function findString(document: Buffer, name: string): { readonly start: number; readonly end: number } | undefined {
  const key = JSON.stringify(name);
  const found = document.indexOf(key);
  if (found === -1) return undefined;
  const colon = skipSpace(document, found + key.length);
  const quote = skipSpace(document, colon + 1);
  if (document[colon] !== 0x3a || document[quote] !== 0x22) return undefined;
  // Base64 has no escapes: what holds one fails to decode, wherever this takes it to end.
  const end = document.indexOf(0x22, quote + 1);
  return end - quote > worthwhile ? { start: quote + 1, end } : undefined;
}

function skipSpace(document: Buffer, start: number): number {
  let position = start;
  while (/[ \t\n\r]/.test(String.fromCodePoint(document[position] ?? 0))) position += 1;
  return position;
}

function replaceMark(json: string, path: readonly string[], bytes: JsonBytes): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    // The whole document will say what is wrong.
    return undefined;
  }
  const holder = path.slice(0, -1).reduce<unknown>((value, name) => memberOf(value, name), parsed);
  const name = path.at(-1) ?? '';
  if (!isJsonObject(holder) || memberOf(holder, name) !== mark) return undefined;
  holder[name] = bytes;
  return parsed;
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** JSON.stringify as UTF-8, with its last member written without a string of it where that is JsonBytes. */
export function serializeJson(value: Readonly<Record<string, unknown>>): Buffer {
  const entries = Object.entries(value);
  const [name, last] = entries.at(-1) ?? [];
  if (name === undefined || !(last instanceof JsonBytes) || last.bytes.length < worthwhile) {
    return Buffer.from(JSON.stringify(value));
  }
  const before = JSON.stringify(Object.fromEntries(entries.slice(0, -1))).slice(0, -1);
  const head = `${before}${entries.length > 1 ? ',' : ''}${JSON.stringify(name)}:"`;
  const start = Buffer.byteLength(head);
  const document = Buffer.allocUnsafe(start + base64Length(last.bytes.length) + 2);
  document.write(head, 0);
  document.write('"}', writeBase64(last.bytes, document, start));
  return document;
}
