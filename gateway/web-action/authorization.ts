import { LosslessNumber } from 'lossless-json';
import type { Action } from '../action.ts';
import type { Header } from '../http/message.ts';

/**
 * Whether a request meets the action's annotation `require-whisk-auth`. true requires valid platform credentials; a
 * string or number requires the same text in X-Require-Whisk-Auth; false requires nothing; other values refuse all.
 * @param user namespace of the caller; undefined without valid credentials
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
