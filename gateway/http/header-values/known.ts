import * as address from './addresses.ts';
import { renderCacheControl } from './cache-control.ts';
import { renderAcceptCharset } from './charset-ranges.ts';
import { renderContentDisposition } from './content-disposition.ts';
import { renderCookie, renderSetCookie } from './cookies.ts';
import { renderChallenges, renderCredentials } from './credentials.ts';
import { renderDate, renderExpires } from './dates.ts';
import { renderEntityTag, renderEntityTags, renderTagOrDate } from './entity-tags.ts';
import { renderAccept } from './media-ranges.ts';
import { renderLinks } from './links.ts';
import { renderSeconds } from './numbers.ts';
import { renderProducts } from './products.ts';
import { renderAcceptRanges, renderContentRange, renderRange } from './ranges.ts';
import { renderTransportSecurity } from './transport-security.ts';
import * as list from './token-lists.ts';

/**
 * The value of a request header as the controller receives it. pekko-http parses the headers that it knows and renders
 * them again (HeaderParser.scala), so that "bearer x" becomes "Bearer x", and "utf-8" becomes "UTF-8". Undefined for
 * an unknown header and for a malformed value; both reach the controller unchanged. Content-Type, Content-Length and
 * Transfer-Encoding are in entity-headers.ts.
 * @param name in lower case
 */
export function renderKnownHeader(name: string, value: string): string | undefined {
  return renderers.get(name)?.(value);
}

const renderers: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  ['accept', renderAccept],
  ['accept-charset', renderAcceptCharset],
  ['accept-encoding', list.renderAcceptEncoding],
  ['accept-language', list.renderAcceptLanguage],
  ['accept-ranges', renderAcceptRanges],
  ['access-control-allow-headers', list.renderTokens],
  ['access-control-allow-methods', list.renderTokens],
  ['access-control-expose-headers', list.renderTokens],
  ['access-control-max-age', renderSeconds],
  ['access-control-request-headers', list.renderTokens],
  ['access-control-request-method', list.renderToken],
  ['age', renderSeconds],
  ['allow', list.renderTokens],
  ['authorization', renderCredentials],
  ['cache-control', renderCacheControl],
  ['connection', list.renderSomeTokens],
  ['content-disposition', renderContentDisposition],
  ['content-encoding', list.renderContentEncoding],
  ['content-location', address.renderContentLocation],
  ['content-range', renderContentRange],
  ['cookie', renderCookie],
  ['date', renderDate],
  ['etag', renderEntityTag],
  ['expect', (value) => (value.toLowerCase() === '100-continue' ? '100-continue' : undefined)],
  ['expires', renderExpires],
  ['host', address.renderHost],
  ['if-match', renderEntityTags],
  ['if-modified-since', renderDate],
  ['if-none-match', renderEntityTags],
  ['if-range', renderTagOrDate],
  ['if-unmodified-since', renderDate],
  ['last-modified', renderDate],
  ['link', renderLinks],
  ['location', address.renderLocation],
  ['origin', address.renderOrigin],
  ['proxy-authenticate', renderChallenges],
  ['proxy-authorization', renderCredentials],
  ['range', renderRange],
  ['referer', address.renderReferer],
  ['retry-after', (value) => renderDate(value) ?? renderSeconds(value)],
  ['server', renderProducts],
  ['sec-websocket-extensions', list.renderExtensions],
  ['sec-websocket-protocol', list.renderSomeTokens],
  ['sec-websocket-version', list.renderVersions],
  ['set-cookie', renderSetCookie],
  ['strict-transport-security', renderTransportSecurity],
  ['te', list.renderTransferCodings],
  ['upgrade', list.renderProtocols],
  ['user-agent', renderProducts],
  ['www-authenticate', renderChallenges],
  ['x-forwarded-for', address.renderAddresses],
  ['x-forwarded-host', address.renderForwardedHost],
  ['x-forwarded-proto', address.renderScheme],
  ['x-real-ip', address.renderAddress],
]);
