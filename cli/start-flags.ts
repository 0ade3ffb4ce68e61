import { ConfigurationError } from '../core/errors.ts';

// Each function parses the value of one flag of `start`, for commander.

/** The name of an action and its source: a running container, or an image to wrap and start. */
export type ActionFlag =
  | { readonly name: string; readonly kind: 'container'; readonly url: URL }
  | { readonly name: string; readonly kind: 'image'; readonly image: string };

export function readGatewayPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigurationError('--port', value, 'a number from 0 to 65535');
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
      'NAME=URL or NAME=IMAGE, for example digits=http://172.17.0.2:8080',
    );
  if (before.some((action) => action.name === name))
    throw new ConfigurationError('--action', value, `a name other than ${name}, which another --action has`);
  return [...before, { name, ...served }];
}

type Served = { readonly kind: 'container'; readonly url: URL } | { readonly kind: 'image'; readonly image: string };

function servedBy(address: string): Served | undefined {
  if (/^http:/i.test(address)) {
    return URL.canParse(address) ? { kind: 'container', url: new URL(address) } : undefined;
  }
  return /^[\w[][\w.:/@[\]-]*$/.test(address) && !address.includes('://')
    ? { kind: 'image', image: address }
    : undefined;
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
