import { timingSafeEqual } from 'node:crypto';
import { headerValue, type Header } from './http/message.ts';

/** The key of OpenWhisk standalone's guest namespace, `uuid:key`. It is public, so the gateway uses it only if asked. */
export const guestKey =
  '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

export type Credentials = 'missing' | 'rejected' | 'accepted';

/** Compares the Basic credentials of a request with the namespace's key. */
export function checkCredentials(headers: readonly Header[], key: string): Credentials {
  const [scheme = '', encoded = ''] = (headerValue(headers, 'authorization') ?? '').split(/ +/);
  if (scheme.toLowerCase() !== 'basic') return 'missing';
  const [given, expected] = [Buffer.from(encoded, 'base64'), Buffer.from(key)];
  return given.length === expected.length && timingSafeEqual(given, expected) ? 'accepted' : 'rejected';
}
