import type * as z from 'zod';
import { ConfigurationError } from './errors.ts';

/**
 * Checks data from outside against a schema and freezes the result, however deep.
 *
 * @param setting where the data comes from, as its user knows it, for example `MODELWHISK_MODEL`
 * @throws ConfigurationError naming setting and key, the value received and what would be accepted
 */
export function parseConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  setting: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: expectationOf });
  if (result.success) return deepFreeze(result.data);
  const [issue] = result.error.issues;
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  const key = path.map(String).join('.');
  throw new ConfigurationError(
    key === '' ? setting : `${setting} key ${key}`,
    valueAt(value, path),
    issue?.message ?? 'something else',
  );
}

/** What zod would have accepted, in words that complete "expected …"; a schema's own words win over these. */
function expectationOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return nouns[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return anyOf(issue.values);
    case 'invalid_union':
      return Array.isArray(issue.options) ? anyOf(issue.options) : undefined;
    case 'too_small':
      return `at least ${String(issue.minimum)}${elements(issue.origin)}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}${elements(issue.origin)}`;
    case 'unrecognized_keys':
      return 'a key that the schema documents';
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
      return undefined;
  }
}

function anyOf(values: readonly unknown[]): string {
  return values.map((accepted) => JSON.stringify(accepted)).join(' or ');
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function elements(origin: string): string {
  if (origin === 'array') return ' elements';
  return origin === 'string' ? ' characters' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** Freezes the value and all that it holds. */
export function deepFreeze<Value>(whole: Value): Value {
  // A list instead of recursion: data from outside may be deeper than the stack.
  const left: unknown[] = [whole];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue;
    Object.freeze(value);
    for (const each of Object.values(value)) left.push(each);
  }
  return whole;
}
