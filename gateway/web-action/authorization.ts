import { LosslessNumber } from 'lossless-json';
import type { Action } from '../action.ts';
import type { Header } from '../http/message.ts';

/**
 * Whether a request meets the action's `require-whisk-auth` annotation: true wants valid credentials of the platform,
 * a string or number the same text in X-Require-Whisk-Auth, false nothing. Any other value is never met.
 * @param user namespace of the caller; undefined when the caller gave no valid credentials
 */
export function isAuthorized(action: Action, headers: readonly Header[], user: string | undefined): boolean {
  const required = action.annotations['require-whisk-auth'];
  if (required === undefined || required === false) return true;
  if (required === true) return user !== undefined;
  if (typeof required !== 'string' && typeof required !== 'number' && !(required instanceof LosslessNumber)) {
    return false;
  }
  return headers.find(([name]) => name === 'x-require-whisk-auth')?.[1] === String(required);
}
