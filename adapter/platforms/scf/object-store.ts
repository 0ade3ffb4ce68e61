import type { IncomingHttpHeaders } from 'node:http';
import type { StoreCredentials } from '../../fetch/s3/credentials.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';

/**
 * The policy with Tencent's object storage (COS) as the store of `s3://` URLs, by its S3 interface. It uses the
 * credentials of the function's role, which each call contains. The environment's endpoint and credentials win.
 *
 * @param headers the call's headers
 * @param region the bucket's region; default: the function's
 */
export function withCos(
  policy: FetchPolicy,
  headers: IncomingHttpHeaders,
  region: string | undefined = headers['x-scf-region']?.toString(),
): FetchPolicy {
  return {
    ...policy,
    objectStore: () => {
      const store = policy.objectStore();
      const place =
        store.endpoint === undefined && region !== undefined && /^[a-z0-9-]+$/.test(region)
          ? { endpoint: new URL(`https://cos.${region}.myqcloud.com`), region }
          : {};
      return { ...store, ...place, credentials: async () => (await store.credentials()) ?? ofRole(headers) };
    },
  };
}

function ofRole(headers: IncomingHttpHeaders): StoreCredentials | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = ['secret-id', 'secret-key', 'session-token'].map((name) =>
    headers[`x-scf-${name}`]?.toString(),
  );
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
