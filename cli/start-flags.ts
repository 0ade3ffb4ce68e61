import { ConfigurationError } from '../core/errors.ts';

// Each function reads the value of one flag of `start`, for commander.

/** A running container and the name of the action that it serves. */
export interface ActionFlag {
  readonly name: string;
  readonly url: URL;
}

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

/** Adds one action; each needs a name of its own. */
export function readActions(value: string, before: readonly ActionFlag[] = []): readonly ActionFlag[] {
  const [, name, address] = /^(\w[\w@.-]*)=(.+)$/.exec(value) ?? [];
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (name === undefined || url?.protocol !== 'http:')
    throw new ConfigurationError('--action', value, 'NAME=URL, for example digits=http://172.17.0.2:8080');
  if (before.some((action) => action.name === name))
    throw new ConfigurationError('--action', value, `a name other than ${name}, which another --action has`);
  return [...before, { name, url }];
}
