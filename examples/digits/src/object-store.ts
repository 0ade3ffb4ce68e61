export interface ObjectStore {
  /** The URL of the buckets. A bucket is the first part of the path, or of the host for Amazon's own. */
  readonly endpoint: URL;
  readonly region: string;
  /** Undefined without credentials. Then only public objects can be read. */
  readonly credentials: Credentials | undefined;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Reads the variables that AWS's tools share: `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` for a store other than
 * Amazon's, `AWS_REGION` or `AWS_DEFAULT_REGION` (default us-east-1), `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
 * `AWS_SESSION_TOKEN`. Throws if the endpoint is malformed.
 */
export function readObjectStore(environment: NodeJS.ProcessEnv): ObjectStore {
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
  return { endpoint: readEndpoint(environment, region), region, credentials: readCredentials(environment) };
}

function readEndpoint(environment: NodeJS.ProcessEnv, region: string): URL {
  const name = environment['AWS_ENDPOINT_URL_S3'] ? 'AWS_ENDPOINT_URL_S3' : 'AWS_ENDPOINT_URL';
  const text = environment[name] || `https://s3.${region}.amazonaws.com`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${name} is ${JSON.stringify(text)}; expected an http or https URL`);
  }
  return url;
}

function readCredentials(environment: NodeJS.ProcessEnv): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  return id && secret ? { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) } : undefined;
}
