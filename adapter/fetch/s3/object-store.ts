import { ConfigurationError } from '../../../core/errors.ts';
import type { Environment } from '../../../core/settings.ts';
import type { FindCredentials } from './credentials.ts';
import { regionOf } from './region.ts';

/** The object store of `s3://` URLs, and the credentials for it. */
export interface ObjectStore {
  /** Undefined for Amazon S3, whose host depends on bucket and region. */
  readonly endpoint: URL | undefined;
  readonly region: string;
  readonly credentials: FindCredentials;
  /** The buckets that callers may name. Undefined allows every bucket that the credentials can read. */
  readonly buckets: readonly string[] | undefined;
}

/**
 * Reads the object store's settings: `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` for another store than Amazon S3,
 * `AWS_REGION` or `AWS_DEFAULT_REGION` (default us-east-1), the credentials (see credentialChain), and
 * `MODELWHISK_S3_BUCKETS` (comma-separated; default: every bucket that the credentials can read).
 *
 * The result reads the environment on each use, because OpenWhisk sets some variables after the start.
 *
 * @throws ConfigurationError
 */
export function readObjectStore(environment: Environment): () => ObjectStore {
  let chain: Promise<FindCredentials> | undefined;
  const credentials: FindCredentials = async () => (await (chain ??= loadChain(environment)))();
  const read = (): ObjectStore => ({
    endpoint: endpointOf(environment),
    region: regionOf(environment),
    credentials,
    buckets: environment['MODELWHISK_S3_BUCKETS']?.split(',').map((bucket) => bucket.trim()),
  });
  read();
  return read;
}

async function loadChain(environment: Environment): Promise<FindCredentials> {
  const { credentialChain } = await import('./credential-chain.ts');
  return credentialChain(environment);
}

function endpointOf(environment: Environment): URL | undefined {
  const name = environment['AWS_ENDPOINT_URL_S3'] ? 'AWS_ENDPOINT_URL_S3' : 'AWS_ENDPOINT_URL';
  const text = environment[name];
  if (!text) return undefined;
  const url = parsed(text);
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url;
  throw new ConfigurationError(name, text, 'an http or https URL, for example https://s3.example.com');
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
