/**
 * The value at a dotted path in a JSON text, "a.b.0.c"; numbers index lists. A string as it is, anything else as JSON;
 * undefined for null, where the path does not exist, and where the text is not JSON.
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
