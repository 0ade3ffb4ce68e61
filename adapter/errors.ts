import { codeOf, messageOf, ModelwhiskError } from '../core/errors.ts';

/**
 * What the caller sent cannot be used.
 *
 * 400 wrong as written · 403 refused · 413 too large · 415 of a type that cannot be read · 499 the caller went away ·
 * 501 nothing here can do that · 502 the source of an input failed · 504 the source took too long
 */
export type CallerErrorStatus = 400 | 403 | 413 | 415 | 499 | 501 | 502 | 504;

/**
 * The part of the call that is wrong: the platform's event, its envelope (OpenWhisk's `/init` and `/run`, Azure's
 * invocation), the HTTP request, the CloudEvent, or an input named in the call.
 */
export type CallerErrorCode = 'EVENT' | 'ACTIVATION' | 'INVOCATION' | 'HTTP_REQUEST' | 'CLOUD_EVENT' | 'INPUT';

/** A call that cannot be passed on to the model server. `status` is the HTTP status of the answer. */
export class CallerError extends ModelwhiskError {
  override readonly name = 'CallerError';
  declare readonly code: CallerErrorCode;
  readonly status: CallerErrorStatus;

  constructor(
    status: CallerErrorStatus,
    code: CallerErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.status = status;
  }
}

export type ModelServerErrorCode =
  'MODEL_START' | 'MODEL_CRASHED' | 'MODEL_TIMEOUT' | 'MODEL_UNREACHABLE' | 'MODEL_REPLY' | 'SHUT_DOWN';

/**
 * The model server did not start, or did not answer a call. `output` is its last output. It is not part of the message,
 * because it may contain data of other callers: only the operator may read it.
 */
export class ModelServerError extends ModelwhiskError {
  override readonly name = 'ModelServerError';
  declare readonly code: ModelServerErrorCode;
  readonly output: string | undefined;

  constructor(
    code: ModelServerErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; output?: string | undefined } = {},
  ) {
    super(code, message, options);
    this.output = options.output;
  }
}

/** The message for an operator, with the model server's last output. */
export function operatorMessage(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof ModelServerError) || error.output === undefined) return message;
  if (error.output === '') return `${message}; it wrote nothing`;
  return `${message}; its last output:\n${error.output.replaceAll(/^/gm, '  ')}`;
}

/** Whether the connection was refused, so that the call can be repeated safely. */
export function isRefused(error: unknown): boolean {
  return error instanceof ModelServerError && codeOf(error.cause) === 'ECONNREFUSED';
}

/** Whether the model server failed or broke off its connection, perhaps because its process has ended. */
export function isCrash(error: unknown): boolean {
  return error instanceof ModelServerError && error.code === 'MODEL_CRASHED';
}
