import { Nesting } from './nesting.ts';

/**
 * The parts of a long JSON document, without an object for each value. JSON.parse needs a hundred bytes of memory for
 * two bytes of a document such as `[{},{},…]`, and seconds of time.
 */
export interface Outline {
  /** Number of values in it, including itself. */
  readonly values: number;
  /**
   * The members of the object, or the elements of the array. Undefined for any other document, and for more than
   * `mostValues` parts.
   */
  readonly parts: readonly Part[] | undefined;
}

export interface Part {
  /** "" for an element. */
  readonly name: string;
  /** Without white space around it. */
  readonly text: string;
  /** Number of values in it, including itself. */
  readonly values: number;
}

/** More values than this are not made into objects. JSON.parse takes up to 0.1 s for this number. */
export const mostValues = 100_000;

/**
 * Whether a document may have more than `mostValues` values, by its commas and brackets, including those in strings.
 */
export function mayBeLong(text: string): boolean {
  if (text.length < mostValues) return false;
  let found = 0;
  for (const mark of [',', '{', '[']) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
      found += 1;
      if (found > mostValues) return true;
    }
  }
  return false;
}

/**
 * Checks a document as JSON.parse does. The memory is constant, except for one bit per level of nesting.
 *
 * @throws SyntaxError
 */
export function outline(text: string): Outline {
  let position = skipSpace(text, 0);
  const parts: Part[] = [];
  const nesting = new Nesting();
  let values = 0;
  let [name, start, before] = ['', position, 0];
  for (;;) {
    // A value starts here; in an object, its name.
    if (nesting.isObject) {
      const end = endOfString(text, position);
      if (nesting.depth === 1) name = nameOf(text.slice(position, end));
      position = skipSpace(text, expect(text, skipSpace(text, end), colon));
    }
    if (nesting.depth === 1) [start, before] = [position, values];
    values += 1;
    const code = text.charCodeAt(position);
    if (code === openBrace || code === openBracket) {
      position = skipSpace(text, position + 1);
      if (text.charCodeAt(position) !== (code === openBrace ? closeBrace : closeBracket)) {
        nesting.push(code === openBrace);
        continue;
      }
      position += 1;
    } else position = code === quotationMark ? endOfString(text, position) : endOfScalar(text, position);
    // The value has ended, and the containers around it may also have ended.
    for (;;) {
      if (nesting.depth === 1 && parts.length <= mostValues) {
        parts.push({ name, text: text.slice(start, position), values: values - before });
      }
      position = skipSpace(text, position);
      if (nesting.depth === 0) {
        if (position < text.length) throw malformed(position);
        return { values, parts: isContainer(text) && parts.length <= mostValues ? parts : undefined };
      }
      if (text.charCodeAt(position) === comma) break;
      position = expect(text, position, nesting.isObject ? closeBrace : closeBracket);
      nesting.pop();
    }
    position = skipSpace(text, position + 1);
  }
}

function isContainer(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

function nameOf(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** Position after a valid string. */
function endOfString(text: string, start: number): number {
  let position = expect(text, start, quotationMark);
  for (;;) {
    const code = text.charCodeAt(position);
    position += 1;
    if (code === quotationMark) return position;
    if (code >= space && code !== backslash) continue;
    escape.lastIndex = position;
    if (code !== backslash || !escape.test(text)) throw malformed(position - 1);
    position = escape.lastIndex;
  }
}

/** Position after a number, true, false or null. */
function endOfScalar(text: string, start: number): number {
  scalar.lastIndex = start;
  if (!scalar.test(text)) throw malformed(start);
  return scalar.lastIndex;
}

function skipSpace(text: string, start: number): number {
  let position = start;
  for (;;) {
    const code = text.charCodeAt(position);
    if (code !== space && code !== lineFeed && code !== tab && code !== carriageReturn) return position;
    position += 1;
  }
}

function expect(text: string, position: number, code: number): number {
  if (text.charCodeAt(position) !== code) throw malformed(position);
  return position + 1;
}

function malformed(position: number): SyntaxError {
  return new SyntaxError(`the JSON is malformed at position ${position}`);
}

const escape = /["\\/bfnrt]|u[\da-fA-F]{4}/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quotationMark = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
