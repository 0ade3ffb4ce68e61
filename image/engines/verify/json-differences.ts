import { isDeepStrictEqual } from 'node:util';

/** The differences between two JSON documents, one line each: the path of keys, the value and the expected value. */
export function jsonDifferences(actual: unknown, expected: unknown, path: readonly string[] = []): string[] {
  if (isDeepStrictEqual(actual, expected)) return [];
  if (isObject(actual) && isObject(expected)) {
    const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
    return [...keys].flatMap((key) => jsonDifferences(actual[key], expected[key], [...path, key]));
  }
  if (Array.isArray(actual) && Array.isArray(expected)) return listDifferences(actual, expected, path);
  return [`${path.join('.')} is ${shown(actual)}, expected ${shown(expected)}`];
}

/** Of lists, such as environments, only the elements that one has and the other has not. */
function listDifferences(actual: readonly unknown[], expected: readonly unknown[], path: readonly string[]): string[] {
  const [added, missing] = [without(actual, expected), without(expected, actual)];
  const name = path.join('.');
  if (added.length + missing.length === 0) return [`${name} has its elements in another order or number`];
  return [
    ...added.map((element) => `${name} has ${shown(element)}, which was not expected`),
    ...missing.map((element) => `${name} lacks ${shown(element)}`),
  ];
}

function without(list: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  return list.filter((element) => !other.some((each) => isDeepStrictEqual(each, element)));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
