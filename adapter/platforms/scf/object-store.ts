import type { IncomingHttpHeaders } from 'node:http';
import type { StoreCredentials } from '../../fetch/s3/credentials.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';

/**
 * The policy with `s3://` leading to Tencent's object storage (COS), by its S3 interface, in this region and as the
 * function's role, whose credentials come with each call. Endpoint and credentials of the environment win over both.
 *
 * @param headers of the call
 * @param region of the bucket; default the function's own
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
