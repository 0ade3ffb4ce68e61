import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import { fileField, fileKeys } from '../../inputs/file-keys.ts';
import { briefJson, JsonText } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { inputParameters } from '../_event/input.ts';
import type { AzureInput } from './trigger-value.ts';

/**
 * The parameters of the plain invocation (adapter/inputs/invocation.ts) for a message or blob:
 *
 * - a JSON object is the parameters; if the model takes a file, its `url` is the file's URL;
 * - a text, such as a URL, is the file;
 * - a blob, or a message of bytes, is the file, or for models without a file, the JSON object in it.
 *
 * @throws CallerError 400 for a refused input, and if a model without a file gets something else than a JSON object
 */
export function parametersOf(given: AzureInput, row: ModelRow): Record<string, unknown> {
  const field = fileField(row.predict.input);
  switch (given.kind) {
    case 'blob':
      return ofFile(given.base64, 'blob', field);
    case 'bytes':
      return ofFile(given.bytes.toString('base64'), 'message', field);
    case 'text':
      return field === undefined ? expectObject(given.text, 'message') : { [field]: given.text };
    case 'parameters':
      return withFileUrl(expectObject(given.parameters, 'message'), field);
    case 'object':
    case 'url':
    case 'refused':
      return expectObject(inputParameters(given, row), 'event');
  }
}

/** The input's URL, for the receiver of the result. Undefined if it has no URL. */
export function sourceUrl(given: AzureInput, { predict: { input } }: ModelRow): string | undefined {
  switch (given.kind) {
    case 'blob':
    case 'url':
      return given.url;
    case 'text':
      return isUrl(given.text) ? given.text : undefined;
    case 'parameters': {
      const { parameters } = given;
      if (!isJsonObject(parameters)) return undefined;
      const field = fileField(input);
      return [parameters['url'], parameters[`${field}_url`], parameters[`${field}`]].find(isUrl);
    }
    case 'object':
    case 'bytes':
    case 'refused':
      return undefined;
  }
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:/i.test(value);
}

function ofFile(base64: string, what: string, field: string | undefined): Record<string, unknown> {
  if (field !== undefined) return { [`${field}_base64`]: base64 };
  return expectObject(opened(Buffer.from(base64, 'base64').toString()), what);
}

function withFileUrl(parameters: Record<string, unknown>, field: string | undefined): Record<string, unknown> {
  const { url, ...others } = parameters;
  if (field === undefined || url === undefined) return parameters;
  const isNamed = fileKeys(field).some((key) => Object.hasOwn(others, key));
  return isNamed ? parameters : { [`${field}_url`]: url, ...others };
}

function expectObject(value: unknown, what: string): Record<string, unknown> {
  if (isJsonObject(value)) return value;
  throw new CallerError(
    400,
    'INVOCATION',
    `the ${what} is ${briefJson(value)}; expected a JSON object of the model's parameters`,
  );
}

function opened(text: string): unknown {
  try {
    const json = JsonText.parse(text);
    return json.members() ?? json.value;
  } catch {
    return text;
  }
}
