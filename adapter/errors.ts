import { ModelwhiskError } from '../core/errors.ts';

/** A platform's event that cannot be made into a request: not what that platform sends. Answered with 400. */
export class EventError extends ModelwhiskError {
  override readonly name = 'EventError';
  readonly status = 400;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('EVENT', message, options);
  }
}
