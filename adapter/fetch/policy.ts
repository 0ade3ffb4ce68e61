import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readWholeNumber, type Setting } from '../../core/settings.ts';
import { type ObjectStore, readObjectStore } from './s3/object-store.ts';

/** What the adapter may fetch on behalf of a caller who names an input by its URL. */
export interface FetchPolicy {
  /** Hosts that may have a private address: "host" for every port, or "host:port". */
  readonly allowHosts: readonly string[];
  /** Largest resource accepted, in bytes, counted after its content-encoding is undone. */
  readonly maximumBytes: number;
  /** Time for the whole fetch, redirects and body included. */
  readonly timeoutMilliseconds: number;
  readonly maximumRedirects: number;
  /** Where `s3://` leads. */
  readonly objectStore: () => ObjectStore;
}

export const fetchSettings: readonly Setting[] = [
  {
    name: 'MODELWHISK_FETCH_ALLOW_HOSTS',
    meaning:
      'Hosts that `…_url` may name although their address is private: `name`, `name:port`, `10.0.0.5`, `[fd00::5]:9000`, separated by commas.',
    otherwise: 'none',
  },
  {
    name: 'MODELWHISK_FETCH_MAX_BYTES',
    meaning: 'Most bytes of a file that `…_url` names.',
    default: '16777216',
  },
  {
    name: 'MODELWHISK_FETCH_TIMEOUT',
    meaning: 'Milliseconds to fetch it, redirects included.',
    default: '10000',
  },
  {
    name: 'MODELWHISK_S3_BUCKETS',
    meaning: 'Buckets that `s3://` URLs, or `bucket` and `key`, may name, separated by commas.',
    otherwise: 'every bucket that the credentials open',
  },
];

/** The part of the policy that concerns what is fetched by http and https. */
export type WebPolicy = Omit<FetchPolicy, 'objectStore'>;

/**
 * Reads the policy from the environment. Throws ConfigurationError on a malformed value.
 *
 * - `MODELWHISK_FETCH_ALLOW_HOSTS`: comma-separated hosts (`name`, `name:port`, `10.0.0.5`, `[fd00::5]:9000`) that may
 *   have private addresses. Default: none.
 * - `MODELWHISK_FETCH_MAX_BYTES`: default 16777216 (16 MiB).
 * - `MODELWHISK_FETCH_TIMEOUT`: milliseconds, default 10000.
 * - the object store's, see readObjectStore.
 */
export function parseFetchPolicy(environment: Environment): FetchPolicy {
  return Object.freeze({
    allowHosts: Object.freeze(allowedHosts(environment)),
    maximumBytes: readWholeNumber(environment, 'MODELWHISK_FETCH_MAX_BYTES', 'whole bytes', limits) ?? 16 * 1024 * 1024,
    timeoutMilliseconds:
      readWholeNumber(environment, 'MODELWHISK_FETCH_TIMEOUT', 'whole milliseconds', limits) ?? 10_000,
    maximumRedirects: 5,
    objectStore: readObjectStore(environment),
  });
}

/** Whether this URL's host may have any address, private ones included. */
export function allowsPrivateAddress(url: URL, policy: WebPolicy): boolean {
  const port = url.port === '' ? defaultPorts[url.protocol] : url.port;
  return policy.allowHosts.includes(url.hostname) || policy.allowHosts.includes(`${url.hostname}:${port}`);
}

const limits = { least: 1, most: 2 ** 31 - 1 } as const;
const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function allowedHosts(environment: Environment): string[] {
  const setting = environment['MODELWHISK_FETCH_ALLOW_HOSTS'] ?? '';
  return setting
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const host = normalHost(entry);
      if (host !== undefined) return host;
      throw new ConfigurationError(
        'MODELWHISK_FETCH_ALLOW_HOSTS',
        setting,
        `host names or addresses, each with an optional :port, separated by commas ("${entry}" is not one)`,
      );
    });
}

/** The host as a URL's `hostname` spells it, so that one comparison of strings decides. */
function normalHost(entry: string): string | undefined {
  const [, host, port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(entry) ?? [];
  if (host === undefined || (port !== undefined && Number(port) > 65_535)) return undefined;
  try {
    const { hostname } = new URL(`http://${host}`);
    return port === undefined ? hostname : `${hostname}:${Number(port)}`;
  } catch {
    return undefined;
  }
}
