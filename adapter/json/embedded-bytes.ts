import { base64Length, decodeBase64, writeBase64 } from './base64.ts';
import { JsonText } from './exact.ts';
import { isJsonObject } from './object.ts';
import { joined } from '../../core/http/parts.ts';

/**
 * Bytes that a JSON document contains as base64. They are read and written without a string of the whole base64;
 * String() and JSON.stringify() make that string on demand.
 */
export class JsonBytes {
  readonly bytes: Buffer;
  readonly #text: readonly Buffer[] | undefined;

  /** @param text the base64 in the document, in ASCII; undefined for bytes from another source */
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

/** JSON.parse and JSON.stringify are fast enough for shorter strings. */
const worthwhile = 4096;

/**
 * Like JsonText.parse, except that a long base64 string at `path` becomes JsonBytes, and its text a short mark.
 *
 * The string is found by its member's name and replaced by an unguessable mark; JSON.parse reads the rest. If the mark
 * is not at `path` in the result (the name was elsewhere, or was repeated), the whole document is parsed instead.
 *
 * @param document in the parts in which it arrived, because joining them would cost another copy
 * @param path names of nested members, for example ['value', '__ow_body']
 * @throws SyntaxError like JSON.parse
 */
export function parseWithBytes(document: readonly Buffer[], path: readonly [string, ...string[]]): JsonText {
  const found = findString(document, path.at(-1) ?? '');
  const bytes = found === undefined ? undefined : decodeBase64(found.text);
  if (found === undefined || bytes === undefined) return JsonText.parse(textOf(document));
  const rest = textOf(found.before) + mark + textOf(found.after);
  return replaceMark(rest, path, new JsonBytes(bytes, found.text)) ?? JsonText.parse(textOf(document));
}

/**
 * A string that no document contains by chance or on purpose. It never leaves the process, so Math.random is good
 * enough; loading node:crypto would add several milliseconds to a cold start.
 */
const mark = `${Math.random()} ${Math.random()}`;

interface Found {
  readonly before: readonly Buffer[];
  /** Without the quotation marks. */
  readonly text: readonly Buffer[];
  readonly after: readonly Buffer[];
}

/** The long string after `"name":`. The name and the opening quotation mark must be in one part. */
function findString(document: readonly Buffer[], name: string): Found | undefined {
  for (const [index, part] of document.entries()) {
    const start = startOfString(part, name);
    if (start === undefined) continue;
    const [before, rest] = divide(document, index, start);
    // A string with an escaped quotation mark is cut here, but then it is not base64 and fails to decode.
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

/** Divides the parts at a position of one part. */
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
    // Parsing the whole document will throw the right error.
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

/** A JSON document as text or as UTF-8. node:http sends text together with the headers, in one write. */
export type SerializedJson = string | Buffer;

/** The length of the document in UTF-8, in bytes. */
export function bytesOf(json: SerializedJson): number {
  return typeof json === 'string' ? Buffer.byteLength(json) : json.length;
}

/** JSON.stringify. If the last member is JsonBytes, it is written as UTF-8, without a string of it. */
export function serializeJson(value: Readonly<Record<string, unknown>>): SerializedJson {
  const entries = Object.entries(value);
  const [name, last] = entries.at(-1) ?? [];
  if (name === undefined || !(last instanceof JsonBytes) || last.bytes.length < worthwhile) {
    return JSON.stringify(value);
  }
  const before = JSON.stringify(Object.fromEntries(entries.slice(0, -1))).slice(0, -1);
  const head = `${before}${entries.length > 1 ? ',' : ''}${JSON.stringify(name)}:"`;
  const start = Buffer.byteLength(head);
  const document = Buffer.allocUnsafe(start + base64Length(last.bytes.length) + 2);
  document.write(head, 0);
  document.write('"}', writeBase64(last.bytes, document, start));
  return document;
}
