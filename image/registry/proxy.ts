import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { ModelwhiskError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';

/**
 * The proxy to reach a URL through, if any, as Docker and crane choose it (golang.org/x/net/http/httpproxy):
 * HTTPS_PROXY or HTTP_PROXY by the URL's scheme, none for the hosts of NO_PROXY and never for loopback ones. Lower case
 * names do as well.
 *
 * @throws ModelwhiskError code `CONFIGURATION` for a proxy that is no http or https URL
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = valueOf(name, environment);
  if (value === '' || isDirect(url, valueOf('NO_PROXY', environment))) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  // The value is not repeated: it may hold a password.
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol)) {
    throw new ModelwhiskError('CONFIGURATION', `${name} is not the URL of an HTTP proxy`, {
      hint: 'set it to http://HOST:PORT, https://HOST:PORT or nothing',
    });
  }
  return proxy;
}

function valueOf(name: string, environment: Environment): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

function isDirect(url: URL, exceptions: string): boolean {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const address = isIP(host) === 0 ? undefined : ipaddr.process(host);
  if (host === 'localhost' || address?.range() === 'loopback') return true;
  return exceptions
    .split(',')
    .map((exception) => exception.trim().toLowerCase())
    .filter((exception) => exception !== '')
    .some((exception) => exception === '*' || matches(exception, host, port, address));
}

/** `exception` is an address, a range of them ("10.0.0.0/8"), a domain with its subdomains, or only these (".domain"). */
function matches(exception: string, host: string, port: string, address: Address | undefined): boolean {
  if (ipaddr.isValidCIDR(exception)) {
    const [network, bits] = ipaddr.parseCIDR(exception);
    return address?.kind() === network.kind() && address.match(network, bits);
  }
  const [, named = '', onlyPort = port] = isIP(exception) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(exception) ?? []);
  const name = (named || exception).replaceAll(/[[\]]/g, '');
  if (onlyPort !== port) return false;
  if (isIP(name) !== 0) return address?.toString() === ipaddr.process(name).toString();
  const domain = name.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (host === domain && domain === name);
}

type Address = ReturnType<typeof ipaddr.process>;
