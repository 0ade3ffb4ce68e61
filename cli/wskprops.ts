import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../core/settings.ts';

/** OpenWhisk's API host and credentials, as `wsk property set` stores them. */
export interface OpenWhiskProperties {
  /** Host or URL of the API. */
  readonly apiHost: string | undefined;
  /** `USER:PASSWORD`. */
  readonly auth: string | undefined;
}

/**
 * Reads `~/.wskprops`, or the file in `WSK_CONFIG_FILE`. The official clients' variables `__OW_API_HOST` and
 * `__OW_API_KEY` win.
 * https://github.com/apache/openwhisk-cli#configure-the-openwhisk-cli
 */
export function readOpenWhiskProperties(environment: Environment): OpenWhiskProperties {
  const path = environment['WSK_CONFIG_FILE'] ?? join(environment['HOME'] ?? homedir(), '.wskprops');
  const properties = new Map(linesOf(path).flatMap((line) => propertyOf(line)));
  return {
    apiHost: environment['__OW_API_HOST'] ?? properties.get('APIHOST'),
    auth: environment['__OW_API_KEY'] ?? properties.get('AUTH'),
  };
}

/** The URL of an API host, which may be a name alone, as for wsk. */
export function apiUrl(apiHost: string): string {
  return /^https?:/.test(apiHost) ? apiHost.replace(/\/$/, '') : `https://${apiHost}`;
}

/** The credentials for a URL of the API host. Undefined for any other URL, whose server must not get them. */
export function authOf(url: URL, environment: Environment): string | undefined {
  const { apiHost, auth } = readOpenWhiskProperties(environment);
  const api = apiHost === undefined ? '' : apiUrl(apiHost);
  return URL.canParse(api) && new URL(api).origin === url.origin ? auth : undefined;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function propertyOf(line: string): [name: string, value: string][] {
  const [, name, value] = /^\s*([A-Z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined || value === '' ? [] : [[name, value]];
}
