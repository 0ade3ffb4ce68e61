import { isIPv4, isIPv6 } from 'node:net';
import { decodePercent, encodePercent } from '../percent.ts';
import { resolveDots } from '../dot-segments.ts';

/** A URI reference as pekko-http keeps it (Uri.scala): decoded, with the scheme and the host in lower case. */
export interface UriReference {
  readonly userinfo: string;
  readonly fragment: string | undefined;
  /** As pekko-http writes it, without the fragment. */
  readonly text: string;
}

/** A host and a port. A missing port is 0. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Parses a URI reference by the strict rules of RFC 3986. Undefined if it is malformed. */
export function parseUriReference(value: string): UriReference | undefined {
  const [, givenScheme, authority, path = '', query, fragment] = uriParts.exec(value) ?? [];
  if (!pathPattern.test(path) || ![query, fragment].every((part) => queryPattern.test(part ?? ''))) return undefined;
  const scheme = givenScheme?.toLowerCase();
  // A colon in the first segment of a relative reference would end a scheme.
  if (scheme === undefined && authority === undefined && /^[^/]*:/.test(path)) return undefined;
  const [, userinfo = '', location = ''] = /^(?:([^@]*)@)?(.*)$/s.exec(authority ?? '') ?? [];
  const host = parseHostAndPort(location);
  if (host === undefined || !userinfoPattern.test(userinfo)) return undefined;
  const prefix = scheme === undefined ? '' : `${scheme}:`;
  const text = prefix + renderAuthority(scheme, userinfo, host, path) + renderPath(path, scheme !== undefined);
  return {
    userinfo: decodePercent(userinfo),
    fragment: fragment === undefined ? undefined : decodePercent(fragment),
    text: query === undefined ? text : `${text}?${query}`,
  };
}

/** Parses `host:port` or `host`; the host may be empty. Undefined if it is malformed. */
export function parseHostAndPort(value: string): HostAndPort | undefined {
  const [, literal, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(value) ?? [];
  if (port !== undefined && Number(port) > 65_535) return undefined;
  if (literal !== undefined) return isIPv6(literal) ? { host: `[${literal}]`, port: Number(port ?? 0) } : undefined;
  if (name === undefined || !registeredName.test(name)) return undefined;
  return { host: renderName(name), port: Number(port ?? 0) };
}

export function renderHostAndPort({ host, port }: HostAndPort): string {
  return port === 0 ? host : `${host}:${port}`;
}

const uriParts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const pathPattern = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=@:/]|%[0-9A-Fa-f]{2})*$/;
const queryPattern = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=@:/?]|%[0-9A-Fa-f]{2})*$/;
const userinfoPattern = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*$/;
const registeredName = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

function renderName(name: string): string {
  if (isIPv4(name)) return name;
  return encodePercent(decodePercent(name).toLowerCase(), /[A-Za-z0-9\-._~!$&'()*+,;=]/);
}

function renderAuthority(scheme: string | undefined, userinfo: string, location: HostAndPort, path: string): string {
  const port = scheme !== undefined && defaultPorts[scheme] === location.port ? 0 : location.port;
  const text = renderHostAndPort({ host: location.host, port });
  if (text !== '' || userinfo !== '') return `//${userinfo === '' ? '' : `${userinfo}@`}${text}`;
  const isHierarchical = scheme !== undefined && scheme !== 'mailto';
  return isHierarchical && /^(?:\/|$)/.test(path) ? '//' : '';
}

function renderPath(path: string, isAbsolute: boolean): string {
  const tokens = path.split(/(\/)/).filter((token) => token !== '');
  const segments = tokens.map((token) => (token === '/' ? token : encodePercent(decodePercent(token), pathCharacter)));
  return (isAbsolute ? resolveDots(segments) : segments).join('');
}

const pathCharacter = /[A-Za-z0-9\-._~!$&'()*+,;=@:]/;
const defaultPorts: Readonly<Record<string, number>> = { ftp: 21, ssh: 22, http: 80, https: 443, ws: 80, wss: 443 };
