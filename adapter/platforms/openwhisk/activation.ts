import { CallerError } from '../../errors.ts';
import { JsonBytes, parseWithBytes } from '../../json/embedded-bytes.ts';
import { briefJson, type JsonText, membersOf, plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { readContext } from './context.ts';

/** One `/run` of the platform (docs/protocols/openwhisk.md, "The container"). */
export interface Activation {
  /** The merged parameters, see JsonText.members. A web action's long base64 `__ow_body` is JsonBytes. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The platform's information about the activation, without `api_key`: activation_id, action_name, namespace, … */
  readonly context: Readonly<Record<string, string>>;
  /** Epoch milliseconds. Undefined if the platform gave no deadline. */
  readonly deadline: number | undefined;
}

/**
 * Parses the body of `/run`, in the parts in which it arrived. A missing value means no parameters. An array (from a
 * sequence) is refused, because it cannot name an input.
 *
 * @throws CallerError
 */
export function readActivation(body: readonly Buffer[]): Activation {
  const document = readDocument(body, '/run');
  const envelope = objectIn(document, '/run');
  const given = plainValue(envelope['value']) ?? {};
  if (!isJsonObject(given)) {
    throw activationError(`the value of /run is ${brief(given)}; expected an object of parameters`);
  }
  const value = mayLoseDigits(given, document) ? (membersOf(document.members()?.['value']) ?? given) : given;
  const { __ow_body: webBody } = value;
  // In a plain invocation it is a parameter like any other.
  if (webBody instanceof JsonBytes && !isWebAction(value)) value['__ow_body'] = String(webBody);
  return { value, context: readContext(envelope), deadline: deadlineOf(envelope['deadline']) };
}

/** Whether the parameters come from a web action, which has `__ow_method`, or from a plain invocation. */
export function isWebAction(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['__ow_method'] === 'string';
}

/**
 * Reads the environment in the body of `/init`. An empty body, `{}`, a missing value and a missing env are allowed.
 * Code is ignored, because the image contains the code.
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

/** Whether the parameters may contain numbers whose digits a double loses. */
function mayLoseDigits(given: Readonly<Record<string, unknown>>, document: JsonText): boolean {
  if (!hasNumbers(given)) return false;
  // Only for web actions, because a plain invocation may be a feed's messages, which are read as JsonText.
  return !isWebAction(given) || given['__ow_body'] instanceof JsonBytes || !document.isCanonical;
}

/** Whether the parameters may contain numbers. An upload has only strings. */
function hasNumbers(parameters: Readonly<Record<string, unknown>>): boolean {
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

/** OpenWhisk sends the deadline as a string, although it documents a number (docs/protocols/openwhisk.md). */
function deadlineOf(given: unknown): number | undefined {
  const deadline = typeof given === 'string' || typeof given === 'number' ? Number(given) : Number.NaN;
  return Number.isFinite(deadline) ? deadline : undefined;
}

function brief(value: unknown): string {
  return Array.isArray(value) ? 'an array' : briefJson(value);
}

/** The error for a malformed body of `/init` or `/run`. */
function activationError(message: string, options: { cause?: unknown } = {}): CallerError {
  const hint = 'see "Action interface" in OpenWhisk\'s docs/actions-new.md';
  return new CallerError(400, 'ACTIVATION', message, { ...options, hint });
}
