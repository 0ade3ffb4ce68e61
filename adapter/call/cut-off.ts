import { CallerError, ModelServerError } from '../errors.ts';

// Errors of calls that were ended from outside, and not by the model server.

/** The adapter shuts down and no longer waits. */
export function shutDown(cause: unknown): ModelServerError {
  const message = 'the container is stopped, and the call was not finished in time';
  const hint = 'call again: another container answers. MODELWHISK_DRAIN_TIMEOUT says how long calls get';
  return new ModelServerError('SHUT_DOWN', message, { hint, cause });
}

export function callerGone(): CallerError {
  return new CallerError(499, 'HTTP_REQUEST', 'the caller went away before the reply was there');
}
