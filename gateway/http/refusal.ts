import { ModelwhiskError } from '../../core/errors.ts';

/**
 * A request that pekko-http's parser turns down before the controller sees it: the answer is plain text without any of
 * the controller's headers, and the connection is closed.
 */
export class Refusal extends ModelwhiskError {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super('REFUSED', message);
    this.status = status;
  }
}
