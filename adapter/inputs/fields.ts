import type { InputRoute } from '../../core/row.ts';
import { elementsOf, writeJson } from '../json/exact.ts';

/** A member of the object that a caller gave. */
export type Field = readonly [name: string, value: unknown];

/** Divides an object's members into those that the route has as query parameters and the others. */
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
 * The query string with these parameters in the place of its own of the same names.
 * Without parameters it is returned as it stands.
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
 * How a JSON value is written where only text can be: an array as one text for each element (a repeated name),
 * an object as JSON, a number with the digits that it came with, null as nothing at all.
 */
export function fieldTexts(value: unknown): readonly string[] {
  const elements: readonly unknown[] | undefined = Array.isArray(value) ? value : elementsOf(value);
  if (elements === undefined) return elementTexts(value);
  return elements.flatMap((element) => elementTexts(element));
}

function elementTexts(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  return [typeof value === 'string' ? value : writeJson(value)];
}
