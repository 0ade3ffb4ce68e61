import type { InputRoute } from '../../core/row.ts';
import { CallerError } from '../errors.ts';
import { briefJson, elementsOf, JsonText, writeJson } from '../json/exact.ts';
import { mostValues } from '../json/outline.ts';

/** A member of the caller's object. */
export type Field = readonly [name: string, value: unknown];

/** Divides an object's members into the route's query parameters and the others. */
export function divideFields(
  fields: Readonly<Record<string, unknown>>,
  { parameters }: Pick<InputRoute, 'parameters'>,
): { readonly query: readonly Field[]; readonly others: readonly Field[] } {
  const declared = new Set(parameters.map(({ name }) => name));
  const entries = Object.entries(fields);
  return {
    query: entries.filter(([name]) => declared.has(name)),
    others: entries.filter(([name]) => !declared.has(name)),
  };
}

/**
 * The query string with these parameters. They replace parameters of the same names.
 * Without parameters it is returned unchanged.
 */
export function withParameters(query: string, parameters: readonly Field[]): string {
  if (parameters.length === 0) return query;
  const merged = new URLSearchParams(query);
  for (const [name] of parameters) merged.delete(name);
  for (const [name, value] of parameters) {
    for (const text of fieldTexts(value)) merged.append(name, text);
  }
  return merged.toString();
}

/**
 * A JSON value as texts, for a query or a form. An array becomes one text per element, an object becomes JSON, a number
 * keeps its digits, and null becomes no text.
 *
 * @throws CallerError 400 for an array with more values than any server takes
 */
export function fieldTexts(value: unknown): readonly string[] {
  const elements: readonly unknown[] | undefined = Array.isArray(value) ? value : elementsOf(value);
  if (value instanceof JsonText && value.value === value) {
    throw new CallerError(400, 'INPUT', `the input has ${briefJson(value)}…, with more than ${mostValues} values`);
  }
  if (elements === undefined) return elementTexts(value);
  return elements.flatMap((element) => elementTexts(element));
}

function elementTexts(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  return [typeof value === 'string' ? value : writeJson(value)];
}
