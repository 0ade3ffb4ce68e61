import { ConfigurationError } from '../core/errors.ts';
import type { Workers } from '../gateway/instance-source.ts';
import { type DnsServer, parseServer } from '../gateway/workers/dns-client.ts';

// Each function parses the value of one flag of `start`, for commander.

/** The name of an action and its source: running containers, or an image to wrap and start. */
export type ActionFlag = Served & { readonly name: string };

type Served =
  | { readonly kind: 'container'; readonly url: URL }
  | { readonly kind: 'workers'; readonly workers: Workers }
  | { readonly kind: 'image'; readonly image: string };

export function readGatewayPort(value: string): number {
  return readPort('--port', value);
}

/** The gateway's port for `try`, whose `--port` is that of the model server. */
export function readListen(value: string): number {
  return readPort('--listen', value);
}

export function readAzurePort(value: string): number {
  return readPort('--azure-port', value);
}

function readPort(flag: string, value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigurationError(flag, value, 'a number from 0 to 65535');
}

export function readTimeout(value: string): number {
  const timeout = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (timeout >= 100 && timeout <= 300_000) return timeout;
  throw new ConfigurationError('--timeout', value, 'milliseconds from 100 to 300000, as OpenWhisk allows');
}

/** Adds one action. The names must be different. */
export function readActions(value: string, before: readonly ActionFlag[] = []): readonly ActionFlag[] {
  const [, name, address] = /^(\w[\w@.-]*)=(.+)$/.exec(value) ?? [];
  const served = address === undefined ? undefined : servedBy(address);
  if (name === undefined || served === undefined)
    throw new ConfigurationError(
      '--action',
      value,
      'NAME=http://HOST:PORT, several of them joined by commas, NAME=dns+srv://SERVICE, NAME=dns+http://HOST:PORT or NAME=IMAGE, for example ' +
        'digits=http://172.17.0.2:8080',
    );
  if (before.some((action) => action.name === name))
    throw new ConfigurationError('--action', value, `a name other than ${name}, which another --action has`);
  return [...before, { name, ...served }];
}

function servedBy(address: string): Served | undefined {
  if (/^http:/i.test(address)) {
    const urls = address.split(',').flatMap((text) => (isHttp(text) ? [new URL(text)] : []));
    const [url] = urls;
    if (url === undefined || urls.length < address.split(',').length) return undefined;
    return urls.length === 1 ? { kind: 'container', url } : { kind: 'workers', workers: { kind: 'list', urls } };
  }
  const [, service] = /^dns\+srv:\/\/([\w.-]+)$/i.exec(address) ?? [];
  if (service !== undefined && !isDnsName(service)) return undefined;
  if (service !== undefined) return { kind: 'workers', workers: { kind: 'service', name: service } };
  const [, name, port] = /^dns\+http:\/\/([\w.-]+):(\d{1,5})$/i.exec(address) ?? [];
  if (name !== undefined && (!isDnsName(name) || Number(port) < 1 || Number(port) > 65_535)) return undefined;
  if (name !== undefined) return { kind: 'workers', workers: { kind: 'host', name, port: Number(port) } };
  return /^[\w[][\w.:/@[\]-]*$/.test(address) && !address.includes('://')
    ? { kind: 'image', image: address }
    : undefined;
}

/** RFC 1035, section 2.3.4: parts of 1 to 63 characters, 253 in all. */
function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[\w-]{1,63}(\.[\w-]{1,63})*\.?$/.test(text);
}

/** A container is called at its root: a path, a query or credentials would have no effect. */
function isHttp(text: string): boolean {
  return /^http:\/\/[^/?#@]+\/?$/i.test(text) && URL.canParse(text);
}

/** Adds the names of --allow-host. */
export function readAllowHost(value: string, before: readonly string[] = []): readonly string[] {
  if (isDnsName(value)) return [...before, value];
  throw new ConfigurationError('--allow-host', value, 'a name without http:// and port, for example models.example');
}

/** The DNS server that dns+srv and dns+http ask. */
export function readDnsServer(value: string): DnsServer {
  const server = parseServer(value);
  if (server !== undefined) return server;
  throw new ConfigurationError('--dns-server', value, 'ADDRESS or ADDRESS:PORT, for example 127.0.0.1:8600');
}

export function readInstances(value: string): number {
  return readCount('--instances', value, 100);
}

export function readConcurrency(value: string): number {
  return readCount('--concurrency', value, 500);
}

function readCount(flag: string, value: string, most: number): number {
  const count = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= most) return count;
  throw new ConfigurationError(flag, value, `a whole number from 1 to ${most}`);
}
