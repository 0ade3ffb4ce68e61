/**
 * The value at a dotted path in a JSON text, for example "a.b.0.c". Numbers index arrays. A string is returned as it
 * is, any other value as JSON. Undefined for null, if the path does not exist, and if the text is not JSON.
 */
export function textAt(text: string, path: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
