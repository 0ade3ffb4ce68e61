import { codeOf, ModelwhiskError } from '../../core/errors.ts';

export type ModelServerErrorCode =
  'MODEL_START' | 'MODEL_CRASHED' | 'MODEL_TIMEOUT' | 'MODEL_UNREACHABLE' | 'MODEL_REPLY';

/** The model server did not answer a call, or did not start. */
export class ModelServerError extends ModelwhiskError {
  override readonly name = 'ModelServerError';
  declare readonly code: ModelServerErrorCode;

  constructor(code: ModelServerErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(code, message, options);
  }
}

/** Whether the call never reached a server, and can be repeated. */
export function isRefused(error: unknown): boolean {
  return error instanceof ModelServerError && codeOf(error.cause) === 'ECONNREFUSED';
}
