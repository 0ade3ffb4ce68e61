import { headerValue } from '../http/headers.ts';
import type { Header, ModelRequest, ModelResponse } from '../http/message.ts';
import type { OuterAddress } from '../http/outer-address.ts';

/** Headers that name the outer address. A caller's headers are not trusted if the platform knows the address. */
export const forwardingHeaders = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix', 'forwarded'];

/**
 * The outer address as model servers read it: Flask's ProxyFix, Gradio, Express's `trust proxy` and others
 * (werkzeug.palletsprojects.com, "X-Forwarded-For Proxy Fix").
 */
export function forwardingLines({ protocol, host, prefix }: OuterAddress): string[] {
  const lines = ['X-Forwarded-Host', host, 'X-Forwarded-Proto', protocol];
  return prefix === '' ? lines : [...lines, 'X-Forwarded-Prefix', prefix];
}

/**
 * Rewrites the URLs in a reply's headers that name the model server itself, so that the caller can use them: full URLs
 * of its own address, and paths from its root. URLs of other hosts and ports, and relative ones, stay. Without an outer
 * address the reply is returned unchanged.
 *
 * @param ownPort port of the server; undefined for a server in this process
 */
export function atOuterAddress(
  response: ModelResponse,
  { outer, headers }: ModelRequest,
  ownPort: number | undefined,
): ModelResponse {
  if (outer === undefined || !response.headers.some(([name]) => rewriters.has(name.toLowerCase()))) return response;
  const host = headerValue(headers, 'host')?.toLowerCase();
  const own = new Set([...namesOf(ownPort), outer.host.toLowerCase(), ...(host === undefined ? [] : [host])]);
  const outward = (url: string): string => outwardUrl(url, outer, own);
  return {
    ...response,
    headers: response.headers.map(([name, value]): Header => {
      const rewrite = rewriters.get(name.toLowerCase());
      return [name, rewrite === undefined ? value : rewrite(value, outward, outer)];
    }),
  };
}

type Rewrite = (value: string, outward: (url: string) => string, outer: OuterAddress) => string;

const wholeUrl: Rewrite = (value, outward) => outward(value);

const rewriters: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ['location', wholeUrl],
  ['content-location', wholeUrl],
  [
    'refresh',
    (value, outward) =>
      value.replace(
        /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?["']?)([^"'\s]+)/i,
        (_all, before: string, url: string) => `${before}${outward(url)}`,
      ),
  ],
  ['link', (value, outward) => value.replaceAll(/<([^<>]*)>/g, (_all, url: string) => `<${outward(url)}>`)],
  [
    'set-cookie',
    (value, _outward, { prefix }) =>
      value
        .replace(/;\s*domain\s*=\s*\.?(?:localhost|127\.0\.0\.1)\s*(?=;|$)/i, '')
        .replace(
          /(;\s*path\s*=\s*"?)(\/[^;"\s]+)/i,
          (_all, before: string, path: string) => `${before}${under(prefix, path)}`,
        ),
  ],
]);

/** Hosts by which the server may name itself. */
function namesOf(port: number | undefined): string[] {
  if (port === undefined) return ['model'];
  const hosts = ['127.0.0.1', 'localhost', '0.0.0.0', '[::1]', '[::]'];
  return hosts.flatMap((host) => (port === 80 ? [host, `${host}:80`] : [`${host}:${port}`]));
}

function outwardUrl(url: string, outer: OuterAddress, own: ReadonlySet<string>): string {
  if (/^\/(?![/\\])/.test(url)) return under(outer.prefix, url);
  const [, authority, path = ''] = /^(?:https?:)?\/\/([^/?#\\]*)([^]*)$/i.exec(url) ?? [];
  if (authority === undefined || !own.has(authority.toLowerCase())) return url;
  return `${outer.protocol}://${outer.host}${under(outer.prefix, path.startsWith('/') ? path : `/${path}`)}`;
}

/** A server that uses X-Forwarded-Prefix has already added it. */
function under(prefix: string, path: string): string {
  const has = path === prefix || ['/', '?', '#'].some((next) => path.startsWith(`${prefix}${next}`));
  return has ? path : `${prefix}${path}`;
}
