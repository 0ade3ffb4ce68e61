import type { LosslessNumber } from 'lossless-json';
import { isLosslessNumber } from 'lossless-json';

/** A JSON value whose numbers keep every digit they were written with. */
export type Json = null | boolean | number | string | LosslessNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** The members of an object in the order in which spray-json 1.3.5 keeps them (a TreeMap): by UTF-16 code units. */
export function sortedEntries(value: JsonObject): [string, Json][] {
  return Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
}
