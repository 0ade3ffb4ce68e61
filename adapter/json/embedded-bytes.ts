import { base64Length, decodeBase64, writeBase64 } from './base64.ts';
import { JsonText } from './exact.ts';
import { isJsonObject } from './object.ts';
import { joined } from '../http/body.ts';

/**
 * Bytes that stand in a JSON document as a string of base64, and never become a string on their way in or out. Where
 * somebody does need the string, String() and JSON.stringify() give it.
 */
export class JsonBytes {
  readonly bytes: Buffer;
  readonly #text: readonly Buffer[] | undefined;

  /** @param text the base64 as a document had it, in ASCII; undefined for bytes that come from elsewhere */
  constructor(bytes: Buffer, text?: readonly Buffer[]) {
    this.bytes = bytes;
    this.#text = text;
  }

  toString(): string {
    return this.#text === undefined ? this.bytes.toString('base64') : joined(this.#text).toString('latin1');
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Shorter strings are parsed and written as fast as anything here could. */
const worthwhile = 4096;

/**
 * Like JsonText.parse, except that a long base64 string at `path` becomes JsonBytes, and its text something short.
 *
 * JSON.parse decides in any case what the document means. The string is found by the name of its member, taken out, and
 * an unguessable mark is parsed in its place: where the mark does not come back as the member at `path` (the name stood
 * elsewhere, or once more further on), the whole document is parsed as it is.
 *
 * @param document in the parts that it arrived in: putting them together first would cost another copy
 * @param path names of nested members, for example ['value', '__ow_body']
 * @throws SyntaxError as JSON.parse does
 */
export function parseWithBytes(document: readonly Buffer[], path: readonly [string, ...string[]]): JsonText {
  const found = findString(document, path.at(-1) ?? '');
  const bytes = found === undefined ? undefined : decodeBase64(found.text);
  if (found === undefined || bytes === undefined) return JsonText.parse(textOf(document));
  const rest = textOf(found.before) + mark + textOf(found.after);
  return replaceMark(rest, path, new JsonBytes(bytes, found.text)) ?? JsonText.parse(textOf(document));
}

/**
 * A string that no document can hold by chance or on purpose. Nobody ever sees it, so that Math.random is as good as
 * node:crypto, which takes several milliseconds of a cold start to load.
 */
const mark = `${Math.random()} ${Math.random()}`;

interface Found {
  readonly before: readonly Buffer[];
  /** Without the quotation marks. */
  readonly text: readonly Buffer[];
  readonly after: readonly Buffer[];
}

/** The long string without escapes that follows `"name":`, where that lies within one part. */
function findString(document: readonly Buffer[], name: string): Found | undefined {
  for (const [index, part] of document.entries()) {
    const start = startOfString(part, name);
    if (start === undefined) continue;
    const [before, rest] = divide(document, index, start);
    // Base64 has no escapes: what holds one fails to decode, wherever this takes it to end.
    const last = rest.findIndex((each) => each.includes(quotationMark));
    if (last === -1) return undefined;
    const [text, after] = divide(rest, last, rest[last]?.indexOf(quotationMark) ?? 0);
    return lengthOf(text) < worthwhile ? undefined : { before, text, after };
  }
  return undefined;
}

function startOfString(bytes: Buffer, name: string): number | undefined {
  const key = JSON.stringify(name);
  const found = bytes.indexOf(key);
  if (found === -1) return undefined;
  const colon = skipSpace(bytes, found + key.length);
  const quote = skipSpace(bytes, colon + 1);
  return bytes[colon] === 0x3a && bytes[quote] === quotationMark ? quote + 1 : undefined;
}

const quotationMark = 0x22;

/** The bytes before and after this position of this part. */
function divide(parts: readonly Buffer[], index: number, position: number): [before: Buffer[], after: Buffer[]] {
  const part = parts[index] ?? Buffer.alloc(0);
  return [
    [...parts.slice(0, index), part.subarray(0, position)],
    [part.subarray(position), ...parts.slice(index + 1)],
  ];
}

function skipSpace(bytes: Buffer, start: number): number {
  let position = start;
  while (/[ \t\n\r]/.test(String.fromCodePoint(bytes[position] ?? 0))) position += 1;
  return position;
}

function textOf(parts: readonly Buffer[]): string {
  return joined(parts).toString();
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function replaceMark(json: string, path: readonly string[], bytes: JsonBytes): JsonText | undefined {
  let parsed: JsonText;
  try {
    parsed = JsonText.parse(json);
  } catch {
    // The whole document will say what is wrong.
    return undefined;
  }
  const holder = path.slice(0, -1).reduce<unknown>((value, name) => memberOf(value, name), parsed.value);
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
