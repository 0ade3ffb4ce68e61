import { ModelwhiskError } from '../../core/errors.ts';

/**
 * A request that pekko-http's parser refuses before the controller sees it. The answer is plain text without the
 * controller's headers, and the connection is closed.
 */
export class Refusal extends ModelwhiskError {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super('REFUSED', message);
    this.status = status;
  }
}
