import { CallerError } from '../../errors.ts';
import { JsonBytes, parseWithBytes } from '../../json/embedded-bytes.ts';
import { type JsonText, membersOf } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { readContext } from './context.ts';

/** One `/run` of the platform (docs/protocols/openwhisk.md, "The container"). */
export interface Activation {
  /** The merged parameters, as JsonText has them. A web action's `__ow_body` is JsonBytes where it is long base64. */
  readonly value: Readonly<Record<string, unknown>>;
  /** What the platform says of this activation, `api_key` left out: activation_id, action_name, namespace, … */
  readonly context: Readonly<Record<string, string>>;
  /** Epoch milliseconds; undefined when the platform named none. */
  readonly deadline: number | undefined;
}

/**
 * Reads the body of `/run`, in the parts it arrived in. A missing value counts as no parameters; an array (from a sequence) cannot name an input.
 *
 * @throws CallerError
 */
export function readActivation(body: readonly Buffer[]): Activation {
  const document = readDocument(body, '/run');
  const envelope = objectIn(document, '/run');
  const given = envelope['value'] ?? {};
  if (!isJsonObject(given)) {
    throw activationError(`the value of /run is ${brief(given)}; expected an object of parameters`);
  }
  const value = hasDigits(given) ? (membersOf(document.members()?.['value']) ?? given) : given;
  const { __ow_body: webBody } = value;
  // To anybody but a web action it is a parameter like any other.
  if (webBody instanceof JsonBytes && !isWebAction(value)) value['__ow_body'] = String(webBody);
  return { value, context: readContext(envelope), deadline: deadlineOf(envelope['deadline']) };
}

/** Whether the parameters come from a web action (`__ow_method` is there) rather than from a plain invocation. */
export function isWebAction(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['__ow_method'] === 'string';
}

/**
 * Reads the environment that `/init` brings. No body, `{}`, no value and no env are all fine; code is ignored, as
 * the image is the code.
 *
 * @throws CallerError
 */
export function readEnvironment(body: readonly Buffer[]): Record<string, string> {
  if (body.every((part) => part.length === 0)) return {};
  const value = objectIn(readDocument(body, '/init'), '/init')['value'];
  const environment = isJsonObject(value) ? value['env'] : undefined;
  if (!isJsonObject(environment)) return {};
  // The whisk key is the caller's credential, not the model's.
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => name !== '__OW_API_KEY' && /^[^=\0]+$/.test(name))
      .map(([name, text]) => [name, typeof text === 'string' ? text : JSON.stringify(text)]),
  );
}

/** Whether parameters hold numbers that must go on as they were written; an upload, for one, is strings only. */
function hasDigits(parameters: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(parameters).some(
    ([name, each]) =>
      typeof each === 'number' ||
      (typeof each === 'object' && each !== null && !(each instanceof JsonBytes) && name !== '__ow_headers'),
  );
}

function readDocument(body: readonly Buffer[], path: string): JsonText {
  try {
    return parseWithBytes(body, ['value', '__ow_body']);
  } catch (cause) {
    throw activationError(`the body of ${path} is not JSON`, { cause });
  }
}

function objectIn({ value }: JsonText, path: string): Record<string, unknown> {
  if (isJsonObject(value)) return value;
  throw activationError(`the body of ${path} is ${brief(value)}; expected an object`);
}

/** A text of digits, though upstream documents a number (docs/protocols/openwhisk.md); anything else is no deadline. */
function deadlineOf(given: unknown): number | undefined {
  const deadline = typeof given === 'string' || typeof given === 'number' ? Number(given) : Number.NaN;
  return Number.isFinite(deadline) ? deadline : undefined;
}

function brief(value: unknown): string {
  return Array.isArray(value) ? 'an array' : JSON.stringify(value).slice(0, 100);
}

/** A body of `/init` or `/run` that the platform would not send. */
function activationError(message: string, options: { cause?: unknown } = {}): CallerError {
  const hint = 'see "Action interface" in OpenWhisk\'s docs/actions-new.md';
  return new CallerError(400, 'ACTIVATION', message, { ...options, hint });
}
