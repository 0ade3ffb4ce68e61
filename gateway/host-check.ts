import { isIP } from 'node:net';

/**
 * Whether the `Host` header names this gateway: by an IP address, `localhost` or one of `names`. This stops DNS
 * rebinding: a web page whose own host name resolves to this machine, to call programs on it.
 *
 * @param header value of `Host`; a request without one is accepted
 * @param names further accepted names, without a port
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined || header === '') return true;
  const host = header.replace(/:\d*$/, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  return names.some((name) => name.toLowerCase() === host);
}

/** The message for a refused caller; the reply is a 403 in plain text. */
export function hostRefusal(header: string): string {
  return `The gateway was called as ${JSON.stringify(header)}, which is not one of its names. Call it as localhost or by its address, or start it with --allow-host NAME.`;
}
