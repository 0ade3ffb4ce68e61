import { ModelServerError } from '../errors.ts';

/** Whether a status says that the call succeeded: 2xx (RFC 9110, section 15.3). */
export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** Whether a status can end a call: from 200 to 599 (RFC 9110, section 15). */
export function isPossibleStatus(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status <= 599;
}

/** The error for a status that platforms refuse. */
export function impossibleStatus(status: number | undefined): ModelServerError {
  return new ModelServerError('MODEL_REPLY', `the model server answered with status ${status}`, {
    hint: 'a reply that ends a call has a status from 200 to 599',
  });
}
