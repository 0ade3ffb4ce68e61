/** The URL of the model server's root for callers. They use it with the server's own paths. */
export interface OuterAddress {
  readonly protocol: 'http' | 'https';
  /** Host, and port if it is not the protocol's default. */
  readonly host: string;
  /** The start of the outer path, "" or for example "/api/v1/web/guest/default/digits". */
  readonly prefix: string;
}

/**
 * The outer address of these parts. Undefined if they do not form a URL.
 *
 * @param protocol "http"; any other value means "https"
 */
export function outerAddress(protocol: string, host: string | undefined, prefix: string): OuterAddress | undefined {
  const known = protocol.toLowerCase() === 'http' ? 'http' : 'https';
  const path = prefix.replace(/\/+$/, '');
  if (host === undefined || !/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)) return undefined;
  return /^(\/[!$&'()*+,;=:@%~\w.-]+)*$/.test(path) ? { protocol: known, host, prefix: path } : undefined;
}

/** The part of an outer path before the model server's own path. "" if the outer path does not end with it. */
export function outerPrefix(outerPath: string, ownPath: string): string {
  return outerPath.endsWith(ownPath) ? outerPath.slice(0, outerPath.length - ownPath.length) : '';
}
