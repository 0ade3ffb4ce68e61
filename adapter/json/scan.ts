/** A member of an object or an element of an array, in its original text. */
export interface JsonPart {
  /** "" for an element. */
  readonly name: string;
  /** Without white space around it. */
  readonly text: string;
  /** Where `text` starts in the document. */
  readonly start: number;
}

/**
 * The members of an object or the elements of an array, in order.
 *
 * @param text valid JSON without white space around it; it is not checked again
 */
export function jsonParts(text: string): JsonPart[] {
  const parts: JsonPart[] = [];
  const isObject = text.startsWith('{');
  const end = text.length - 1;
  let position = skipSpace(text, 1);
  while (position < end) {
    let name = '';
    if (isObject) {
      const start = position;
      position = endOfString(text, start);
      name = stringValue(text.slice(start, position));
      const colon = skipSpace(text, position);
      position = skipSpace(text, colon + 1);
    }
    const start = position;
    position = endOfValue(text, start);
    parts.push({ name, text: text.slice(start, position), start });
    const comma = skipSpace(text, position);
    position = skipSpace(text, comma + 1);
  }
  return parts;
}

/**
 * The text with everything outside of its strings replaced. It need not be valid JSON. Without a pattern for strings,
 * because that would overflow the stack for a string of megabytes.
 */
export function replaceOutsideStrings(text: string, replace: (part: string) => string): string {
  let result = '';
  let position = 0;
  for (;;) {
    const start = text.indexOf('"', position);
    const end = start === -1 ? start : endOfString(text, start);
    // Nothing opens a string any more, or nothing closes it.
    if (end <= start) return result + replace(text.slice(position));
    result += replace(text.slice(position, start)) + text.slice(start, end);
    position = end;
  }
}

function stringValue(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function endOfValue(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case quotationMark:
      return endOfString(text, start);
    case openBrace:
    case openBracket:
      return endOfContainer(text, start);
    default:
      return endOfScalar(text, start);
  }
}

function endOfContainer(text: string, start: number): number {
  let position = start;
  let depth = 0;
  do {
    // A pattern is five times as fast as a loop over the characters.
    structure.lastIndex = position;
    structure.test(text);
    position = structure.lastIndex;
    switch (text.charCodeAt(position - 1)) {
      case quotationMark:
        position = endOfString(text, position - 1);
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        break;
      default:
        depth -= 1;
    }
  } while (depth > 0);
  return position;
}

const structure = /["[\]{}]/g;

/** Position after the closing quotation mark, the first one that is not escaped. */
function endOfString(text: string, start: number): number {
  let position = start;
  for (;;) {
    position = text.indexOf('"', position + 1);
    let escapes = position;
    while (text.charCodeAt(escapes - 1) === backslash) escapes -= 1;
    if ((position - escapes) % 2 === 0) return position + 1;
  }
}

/** Position after a number, true, false or null. */
function endOfScalar(text: string, start: number): number {
  let position = start;
  while (!/[\s,\]}]/.test(text.charAt(position))) position += 1;
  return position;
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (text.charCodeAt(position) <= space) position += 1;
  return position;
}

const space = 0x20;
const quotationMark = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const openBracket = 0x5b;
