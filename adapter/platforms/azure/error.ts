import { ModelwhiskError } from '../../../core/errors.ts';

/** An invocation that cannot be made into a call of the model; `status` is the HTTP status to answer with. */
export class InvocationError extends ModelwhiskError {
  override readonly name = 'InvocationError';
  readonly status: 400 | 415;

  constructor(status: 400 | 415, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('INVOCATION', message, options);
    this.status = status;
  }
}

/** What to do where the host's JSON cannot carry a body: its default way of calling a custom handler. */
export const enableForwarding =
  'set "enableForwardingHttpRequest" (or "enableProxyingHttpRequest") to true under "customHandler" in host.json';
