import type * as z from 'zod';
import { ConfigurationError } from './errors.ts';

/**
 * Parses data from outside by a schema and freezes the result deeply.
 *
 * @param setting where the data comes from, for messages, for example `MODELWHISK_MODEL`
 * @param similar returns the known keys that resemble an unknown key, the most similar first
 * @throws ConfigurationError with the setting and the key, the value received and what would be accepted
 */
export function parseConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  setting: string,
  similar: (key: string, known: readonly string[]) => readonly string[] = () => [],
): z.output<Schema> {
  const result = schema.safeParse(value, { error: (issue) => expectationOf(issue, similar) });
  if (result.success) return deepFreeze(result.data);
  const { issues } = result.error;
  // A misspelt key causes two issues: itself and the missing key. Report the first.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  const key = path.map(String).join('.');
  throw new ConfigurationError(
    key === '' ? setting : `${setting} key ${key}`,
    valueAt(value, path),
    issue?.message ?? 'something else',
  );
}

/** What zod would accept, in words that complete "expected …". A message in the schema wins. */
function expectationOf(
  issue: z.core.$ZodRawIssue,
  similar: (key: string, known: readonly string[]) => readonly string[],
): string | undefined {
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
      return knownKeys(issue, similar);
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
      return undefined;
  }
}

function knownKeys(
  { inst, keys: [key = ''] }: Extract<z.core.$ZodRawIssue, { code: 'unrecognized_keys' }>,
  similar: (key: string, known: readonly string[]) => readonly string[],
): string {
  const shape: unknown = inst === undefined ? undefined : Reflect.get(inst, 'shape');
  const known = typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
  const meant = similar(key, known);
  if (meant.length > 0) return `no such key: did you mean ${meant.join(' or ')}?`;
  return `no such key, but ${known.join(', ')}`;
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

/** Freezes a value deeply. */
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
