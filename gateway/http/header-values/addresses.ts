import ipaddr from 'ipaddr.js';
import { parseHostAndPort, parseUriReference, renderHostAndPort } from './uri.ts';
import { renderList } from './token-lists.ts';

/** Host. */
export function renderHost(value: string): string | undefined {
  const host = parseHostAndPort(value);
  return host && renderHostAndPort(host);
}

/** X-Forwarded-Host, whose port pekko-http drops. */
export function renderForwardedHost(value: string): string | undefined {
  return parseHostAndPort(value)?.host;
}

/** X-Forwarded-Proto. */
export function renderScheme(value: string): string | undefined {
  return /^[A-Za-z0-9+.-]+$/.test(value) ? value.toLowerCase() : undefined;
}

/** X-Forwarded-For. */
export function renderAddresses(value: string): string | undefined {
  const rendered = renderList(value, (scanner) => {
    const text = scanner.take(/unknown|[0-9A-Fa-f:.]+/y)?.[0];
    return text === undefined || text === 'unknown' ? text : renderAddress(text);
  });
  return rendered || undefined;
}

/** X-Real-IP. An IPv6 address is written as java.net.InetAddress does, in full. */
export function renderAddress(value: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(value)) return value;
  if (!ipaddr.IPv6.isValid(value)) return undefined;
  const address = ipaddr.IPv6.parse(value);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return address.parts.map((part) => part.toString(16)).join(':');
}

/** Origin: "null" or origins with a space between them. */
export function renderOrigin(value: string): string | undefined {
  if (value === 'null') return value;
  const origins = value.split(' ').map((origin) => {
    const [, scheme, host] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#@]*)$/.exec(origin) ?? [];
    const parsed = scheme === undefined || host === undefined ? undefined : parseHostAndPort(host);
    return parsed && scheme ? `${scheme.toLowerCase()}://${renderHostAndPort(parsed)}` : undefined;
  });
  return origins.every((origin) => origin !== undefined) ? origins.join(' ') : undefined;
}

/** Referer, which may have neither a fragment nor user information. */
export function renderReferer(value: string): string | undefined {
  const uri = parseUriReference(value);
  return uri?.fragment === undefined && uri?.userinfo === '' ? uri.text : undefined;
}

/** Content-Location, which may not have a fragment. */
export function renderContentLocation(value: string): string | undefined {
  const uri = parseUriReference(value);
  return uri?.fragment === undefined ? uri?.text : undefined;
}

/** Location. */
export function renderLocation(value: string): string | undefined {
  const uri = parseUriReference(value);
  return uri?.fragment === undefined ? uri?.text : `${uri.text}#${encodeURI(uri.fragment)}`;
}
