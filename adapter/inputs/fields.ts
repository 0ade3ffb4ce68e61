import type { ModelRow } from '../../core/row.ts';

/** A member of the object that a caller gave. */
export type Field = readonly [name: string, value: unknown];

/** Divides an object's members into those that the row declares as query parameters and the others. */
export function divideFields(
  fields: Readonly<Record<string, unknown>>,
  row: ModelRow,
): { readonly query: readonly Field[]; readonly others: readonly Field[] } {
  const declared = new Set(row.predict.parameters.map(({ name }) => name));
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
 * an object as JSON, null as nothing at all.
 */
export function fieldTexts(value: unknown): readonly string[] {
  if (Array.isArray(value))
    return value.flatMap((element) => (Array.isArray(element) ? [JSON.stringify(element)] : fieldTexts(element)));
  if (value === null || value === undefined) return [];
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}
