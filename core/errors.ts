/**
 * The base class of all errors that this project throws on purpose.
 *
 * `code` is stable and meant for programs. `message` says what was wrong and shows the value received.
 * `hint` says what to do.
 */
export class ModelwhiskError extends Error {
  override readonly name: string = 'ModelwhiskError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** An invalid setting: an environment variable, a flag or a catalogue row. */
export class ConfigurationError extends ModelwhiskError {
  override readonly name = 'ConfigurationError';

  /** @param setting the name as the user wrote it @param expectation completes "expected …" */
  constructor(setting: string, received: unknown, expectation: string, options: { cause?: unknown } = {}) {
    super('CONFIGURATION', `${setting} is ${display(received)}; expected ${expectation}`, options);
  }
}

/** The message of a thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of an error, for example "ECONNRESET". Undefined if it has no code. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

function display(value: unknown): string {
  const text = value === undefined ? 'not set' : jsonOf(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'too deep to show';
  }
}
