import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readWholeNumber, type Setting } from '../../core/settings.ts';
import { type ObjectStore, readObjectStore } from './s3/object-store.ts';

/** What the adapter may fetch for a caller. */
export interface FetchPolicy {
  /** Hosts that may have a private address: "host" for every port, or "host:port". */
  readonly allowHosts: readonly string[];
  /** The largest resource, in bytes after decoding. */
  readonly maximumBytes: number;
  /** Time limit of the whole fetch, redirects and body included. */
  readonly timeoutMilliseconds: number;
  readonly maximumRedirects: number;
  /** The object store of `s3://` URLs. */
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
    meaning: 'Largest file that `…_url` may name, in bytes.',
    default: '16777216',
  },
  {
    name: 'MODELWHISK_FETCH_TIMEOUT',
    meaning: 'Time limit for fetching it, redirects included, in milliseconds.',
    default: '10000',
  },
  {
    name: 'MODELWHISK_S3_BUCKETS',
    meaning: 'Buckets that `s3://` URLs, or `bucket` and `key`, may name, separated by commas.',
    otherwise: 'every bucket that the credentials can read',
  },
];

/** The part of the policy for http and https. */
export type WebPolicy = Omit<FetchPolicy, 'objectStore'>;

/**
 * Reads the policy from the environment. Throws ConfigurationError on a malformed value.
 *
 * - `MODELWHISK_FETCH_ALLOW_HOSTS`: comma-separated hosts (`name`, `name:port`, `10.0.0.5`, `[fd00::5]:9000`) that may
 *   have private addresses. Default: none.
 * - `MODELWHISK_FETCH_MAX_BYTES`: default 16777216 (16 MiB).
 * - `MODELWHISK_FETCH_TIMEOUT`: milliseconds, default 10000.
 * - the object store's settings, see readObjectStore.
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

/** Whether the URL's host may have a private address. */
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

/** The host as `URL.hostname` spells it, so that it can be compared as a string. */
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
