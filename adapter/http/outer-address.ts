/** Where callers find the root of the model server: what stands before its own paths in the URLs that they use. */
export interface OuterAddress {
  readonly protocol: 'http' | 'https';
  /** Host, and port where it is not the protocol's own. */
  readonly host: string;
  /** What the outer path starts with, "" or like "/api/v1/web/guest/default/digits". */
  readonly prefix: string;
}

/**
 * The outer address of these parts; undefined where they are not those of a URL.
 *
 * @param protocol "http" or "https", which anything else is taken for
 */
export function outerAddress(protocol: string, host: string | undefined, prefix: string): OuterAddress | undefined {
  const known = protocol.toLowerCase() === 'http' ? 'http' : 'https';
  const path = prefix.replace(/\/+$/, '');
  if (host === undefined || !/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)) return undefined;
  return /^(\/[!$&'()*+,;=:@%~\w.-]+)*$/.test(path) ? { protocol: known, host, prefix: path } : undefined;
}

/** What an outer path has before the model server's own; "" where that is not its end. */
export function outerPrefix(outerPath: string, ownPath: string): string {
  return outerPath.endsWith(ownPath) ? outerPath.slice(0, outerPath.length - ownPath.length) : '';
}
