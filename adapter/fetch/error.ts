import { ModelwhiskError } from '../../core/errors.ts';

/** 400 wrong as written, 403 refused, 413 too large, 502 its source failed, 504 its source took too long. */
export type InputErrorStatus = 400 | 403 | 413 | 502 | 504;

/** The caller named an input that cannot be used; `status` is the HTTP status to answer with. */
export class InputError extends ModelwhiskError {
  override readonly name = 'InputError';
  declare readonly code: 'INPUT';
  readonly status: InputErrorStatus;

  constructor(status: InputErrorStatus, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('INPUT', message, options);
    this.status = status;
  }
}
