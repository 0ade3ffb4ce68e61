import type { Header } from '../http/message.ts';
import { isJsonObject, sortedEntries, type Json } from '../json/json.ts';
import { printJson } from '../json/print.ts';

export interface ResultHeaders {
  /** Headers that are sent unchanged. */
  readonly forwarded: readonly Header[];
  /** The value of the result's Content-Type. */
  readonly contentType: string | undefined;
}

/** The `headers` of a result. Undefined if they are invalid (WebActions.scala, `headersFromJson`). */
export function resultHeaders(headers: Json | undefined): ResultHeaders | undefined {
  if (headers === undefined) return { forwarded: [], contentType: undefined };
  if (!isJsonObject(headers)) return undefined;
  const lines = sortedEntries(headers).map(([name, value]) => headerLines(name, value));
  if (lines.some((line) => line === undefined)) return undefined;
  const all = lines.flatMap((line) => line ?? []);
  return {
    forwarded: all.filter(([name]) => !droppedHeaders.has(name.toLowerCase())),
    contentType: all.find(([name]) => name.toLowerCase() === 'content-type')?.[1],
  };
}

/**
 * The `statusCode` of a result: an integer from 100 to 599, as a number or a string. The controller sends a code below
 * 200 as a final answer, which clients do not understand.
 */
export function resultStatus(value: Json): number | 'invalid' {
  if (typeof value === 'boolean' || value === null || Array.isArray(value) || isJsonObject(value)) return 'invalid';
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) return 'invalid';
  const code = Number(typeof value === 'string' ? value : printJson(value));
  return Number.isInteger(code) && code >= 100 && code <= 599 ? code : 'invalid';
}

/** Headers of the connection or the entity. pekko-http drops them from a result. */
const droppedHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'date', 'server', 'connection']);

/** One line for a scalar, and one per element of an array, also a nested one. Undefined for null and objects. */
function headerLines(name: string, value: Json): Header[] | undefined {
  if (Array.isArray(value)) {
    const lines = value.map((element: Json) => headerLines(name, element));
    return lines.some((line) => line === undefined) ? undefined : lines.flatMap((line) => line ?? []);
  }
  if (value === null || isJsonObject(value)) return undefined;
  return [[name, typeof value === 'string' ? value : printJson(value)]];
}
