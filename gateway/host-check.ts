import { isIP } from 'node:net';

/**
 * Whether a request may be meant for this gateway. A web page can have its own host name resolve to this machine and
 * call what listens here (DNS rebinding); the `Host` header gives it away. IP addresses and `localhost` are no names
 * that anybody can own.
 *
 * @param header value of `Host`, if there is one
 * @param names further names that are accepted, without a port
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined || header === '') return true;
  const host = header.replace(/:\d*$/, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  return names.some((name) => name.toLowerCase() === host);
}

/** What the caller is told: status 403, plain text. */
export function hostRefusal(header: string): string {
  return `The gateway was called as ${JSON.stringify(header)}, which is not one of its names. Call it as localhost or by its address, or start it with --allow-host NAME.`;
}
