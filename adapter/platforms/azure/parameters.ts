import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import { fileField, fileKeys } from '../../inputs/file.ts';
import { JsonText } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import type { AzureInvocation } from './invocation.ts';

export type InputInvocation = Extract<AzureInvocation, { kind: 'blob' | 'message' }>;

/**
 * The parameters of the plain invocation (adapter/inputs/invocation.ts) that a message or blob stands for:
 *
 * - a JSON object is the parameters; where the model takes a file, its `url` is the file's URL;
 * - a text, such as a URL, is the file;
 * - a blob is the file, or for models that take none, the JSON object in it.
 *
 * @throws CallerError 400 where a model that takes no file gets something else than a JSON object
 */
export function parametersOf(invocation: InputInvocation, { predict: { input } }: ModelRow): Record<string, unknown> {
  const field = fileField(input);
  if (invocation.kind === 'blob') {
    if (field !== undefined) return { [`${field}_base64`]: invocation.base64 };
    return expectObject(opened(Buffer.from(invocation.base64, 'base64').toString()), 'blob');
  }
  const { value } = invocation;
  if (field === undefined) return expectObject(value, 'message');
  if (typeof value === 'string') return { [field]: value };
  const { url, ...others } = expectObject(value, 'message');
  const isNamed = fileKeys(field).some((key) => Object.hasOwn(others, key));
  return url === undefined || isNamed
    ? { ...others, ...(url === undefined ? {} : { url }) }
    : { [`${field}_url`]: url, ...others };
}

/** Where the input came from, for whoever gets the result; undefined where it came without a URL. */
export function sourceUrl(invocation: InputInvocation, { predict: { input } }: ModelRow): string | undefined {
  if (invocation.kind === 'blob') return invocation.url;
  const { value } = invocation;
  const field = fileField(input);
  const candidates = isJsonObject(value) ? [value['url'], value[`${field}_url`], value[`${field}`]] : [value];
  return candidates.find((each): each is string => typeof each === 'string' && /^https?:/i.test(each));
}

function expectObject(value: unknown, what: string): Record<string, unknown> {
  if (isJsonObject(value)) return value;
  const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 100);
  throw new CallerError(400, 'INVOCATION', `the ${what} is ${shown}; expected a JSON object of the model's parameters`);
}

function opened(text: string): unknown {
  try {
    const json = JsonText.parse(text);
    return json.members() ?? json.value;
  } catch {
    return text;
  }
}
