import { isJsonText } from './object.ts';
import { type JsonPart, jsonParts, replaceOutsideStrings } from './scan.ts';

/** The position of a value in a JSON document: its first character, and the one after its last. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The position of a JSON pointer's value (RFC 6901) in a document. Undefined if there is no such value, and if a name
 * of the pointer occurs twice in its object, because parsers differ in which one counts.
 *
 * @param document has to satisfy canScan
 */
export function findPointer(document: string, pointer: string): Place | undefined {
  let place = wholeOf(document);
  for (const token of pointer.split('/').slice(1)) {
    const inner = findMember(document, place, token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (inner === undefined) return undefined;
    place = inner;
  }
  return place;
}

/** The elements of the list at this position, with offsets from its start. Undefined if the value is not a list. */
export function listParts(document: string, { start, end }: Place): readonly JsonPart[] | undefined {
  return document[start] === '[' ? jsonParts(document.slice(start, end)) : undefined;
}

/** The members of an object. Undefined for any other text. */
export function memberParts(text: string): readonly JsonPart[] | undefined {
  return text.startsWith('{') ? jsonParts(text) : undefined;
}

/**
 * Whether a text is JSON, so far that its parts can be found. NaN and Infinity also count as numbers: Python's json
 * module writes them, and so do model servers.
 */
export function canScan(text: string): boolean {
  if (isJsonText(text)) return true;
  if (!/NaN|Infinity/.test(text)) return false;
  return isJsonText(replaceOutsideStrings(text, (part) => part.replaceAll(/-?(?:NaN|Infinity)/g, '0')));
}

function wholeOf(document: string): Place {
  const start = document.length - document.trimStart().length;
  return { start, end: document.trimEnd().length };
}

function findMember(document: string, { start, end }: Place, name: string): Place | undefined {
  const isObject = document[start] === '{';
  if (!isObject && document[start] !== '[') return undefined;
  const parts = jsonParts(document.slice(start, end));
  const found = isObject
    ? parts.filter((part) => part.name === name)
    : parts.filter((_, index) => String(index) === name);
  const [part] = found;
  if (part === undefined || found.length > 1) return undefined;
  return { start: start + part.start, end: start + part.start + part.text.length };
}
