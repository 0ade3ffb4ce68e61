import { randomBytes, randomUUID } from 'node:crypto';
import { ConfigurationError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import { guestKey } from '../gateway/authentication.ts';

/**
 * The default key of the gateway's namespace: MODELWHISK_GATEWAY_KEY, else a new one, so that programs and web pages
 * with OpenWhisk's public key cannot use the gateway.
 *
 * @throws ConfigurationError
 */
export function keyOf(environment: Environment): string {
  const given = environment[variable];
  return given === undefined || given === '' ? newKey() : checked(variable, given);
}

/** Reads `--key`, for commander. */
export function readKey(value: string): string {
  return checked('--key', value);
}

const variable = 'MODELWHISK_GATEWAY_KEY';

/** In the form that OpenWhisk's own keys have: a UUID and 64 characters. */
function newKey(): string {
  return `${randomUUID()}:${randomBytes(32).toString('hex')}`;
}

function checked(name: string, value: string): string {
  if (value === 'guest') return guestKey;
  if (/^[!-9;-~]+:[!-~]+$/.test(value)) return value;
  throw new ConfigurationError(name, value, 'UUID:KEY, or "guest" for the public key of OpenWhisk standalone');
}
