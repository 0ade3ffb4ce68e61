import type { ClientRequest } from 'node:http';
import { codeOf, messageOf, ModelwhiskError } from '../../../core/errors.ts';
import { ModelServerError } from '../../errors.ts';

/** A connection that broke before a byte of the reply, and had been used before: the server may have closed it. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/** What an error before the head of a reply means. */
export function failureOf(error: Error, outgoing: ClientRequest): Error {
  const code = codeOf(error) ?? '';
  if (code.startsWith('HPE_')) {
    return new ModelServerError('MODEL_REPLY', `the model server's reply is not HTTP: ${error.message}`, {
      cause: error,
    });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return outgoing.reusedSocket ? new StaleConnection('', { cause: error }) : brokenOff(error);
  }
  return asModelServerError(error);
}

/** The error itself where it was thrown on purpose; all others mean that there is no server to call. */
export function asModelServerError(error: unknown): ModelwhiskError {
  if (error instanceof ModelwhiskError) return error;
  return new ModelServerError('MODEL_UNREACHABLE', `cannot call the model server: ${messageOf(error)}`, {
    cause: error,
  });
}

export function brokenOff(cause: unknown): ModelServerError {
  return new ModelServerError('MODEL_CRASHED', 'the model server closed the connection before it replied', { cause });
}
