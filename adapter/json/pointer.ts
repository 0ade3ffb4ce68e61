import { type JsonPart, jsonParts } from './scan.ts';

/** A value where it stands in a JSON document: its first character, and the one after its last. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the value of a JSON pointer (RFC 6901) stands in a document. Undefined where there is none, and where a name on
 * the way stands twice in its object: which of them counts is up to who reads it.
 *
 * @param document what canScan is true of
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

/** The elements of the list at this place, which count from its start; undefined where something else is there. */
export function listParts(document: string, { start, end }: Place): readonly JsonPart[] | undefined {
  return document[start] === '[' ? jsonParts(document.slice(start, end)) : undefined;
}

/** The members of an object; undefined where the text is something else. */
export function memberParts(text: string): readonly JsonPart[] | undefined {
  return text.startsWith('{') ? jsonParts(text) : undefined;
}

/**
 * Whether a text is JSON as far as its parts can be told apart. Beyond JSON, NaN and Infinity count as numbers: Python's
 * json module writes them, and so do model servers.
 */
export function canScan(text: string): boolean {
  if (isJson(text)) return true;
  if (!/NaN|Infinity/.test(text)) return false;
  return isJson(text.replaceAll(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)/g, (part) => (part[0] === '"' ? part : '0')));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
