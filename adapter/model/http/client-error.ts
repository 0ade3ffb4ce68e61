import { codeOf, messageOf, ModelwhiskError } from '../../../core/errors.ts';
import { ModelServerError } from '../../errors.ts';

/** A reused connection that failed before the first byte of the reply. The server may have closed it as idle. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/**
 * The cause of an error before the head of a reply.
 *
 * @param isStale whether the connection had served earlier calls, and nothing arrived for this one
 */
export function failureOf(error: Error, isStale: boolean): Error {
  const code = codeOf(error) ?? '';
  if (code.startsWith('HPE_')) {
    return new ModelServerError('MODEL_REPLY', `the model server's reply is not HTTP: ${error.message}`, {
      cause: error,
    });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return isStale ? new StaleConnection('', { cause: error }) : brokenOff(error);
  }
  return asModelServerError(error);
}

/** Our own errors stay; any other error means that the server is unreachable. */
export function asModelServerError(error: unknown): ModelwhiskError {
  if (error instanceof ModelwhiskError) return error;
  return new ModelServerError('MODEL_UNREACHABLE', `cannot call the model server: ${messageOf(error)}`, {
    cause: error,
  });
}

export function brokenOff(cause: unknown): ModelServerError {
  return new ModelServerError('MODEL_CRASHED', 'the model server closed the connection before it replied', { cause });
}
