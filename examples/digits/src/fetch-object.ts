import aws4 from 'aws4';
import { z } from 'zod';
import { HttpError, invalidInput } from './errors.ts';
import { fetchLimited } from './fetch-limited.ts';
import type { ObjectStore } from './object-store.ts';

const missing = 'Missing required parameter in the query string';

const name = z.object({
  bucket: z.string(missing).regex(/^[a-z0-9][a-z0-9._-]{1,254}$/i, { error: 'not the name of a bucket' }),
  // HTTP clients and servers treat these as steps in the path, which may lead into another bucket.
  key: z
    .string(missing)
    .min(1, missing)
    .refine((key) => !/(^|\/)\.{1,2}(\/|$)/.test(key), { error: '"." and ".." are refused as parts of a key' }),
});

/** Fetches the object that a query's `bucket` and `key` name, with the limits that images by URL have. */
export async function fetchObject(query: unknown, store: ObjectStore): Promise<Buffer> {
  const parsed = name.safeParse(query);
  if (!parsed.success) {
    throw invalidInput(Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message])));
  }
  const { bucket, key } = parsed.data;
  const url = objectUrl(bucket, key, store.endpoint);
  const shown = `The object ${key.slice(0, 200)} in the bucket ${bucket}`;
  return fetchLimited(
    url,
    shown,
    { redirect: 'error', headers: signature(url, store) },
    // The caller must not see the store's address.
    (reason) => new HttpError(400, reason.replaceAll(url.href, 'it')),
  );
}

/** Most stores take the bucket in the path; Amazon's, Tencent's and Alibaba's need it in the host. */
function objectUrl(bucket: string, key: string, endpoint: URL): URL {
  const path = key.split('/').map(percentEncoded).join('/');
  const folder = endpoint.pathname.replace(/\/$/, '');
  // A certificate for "*.s3.amazonaws.com" does not cover a bucket with dots.
  const inHost =
    /\.(amazonaws\.com|amazonaws\.com\.cn|myqcloud\.com|aliyuncs\.com)$/.test(endpoint.hostname) &&
    !bucket.includes('.');
  return inHost
    ? new URL(`${endpoint.protocol}//${bucket}.${endpoint.host}${folder}/${path}`)
    : new URL(`${endpoint.origin}${folder}/${bucket}/${path}`);
}

/** RFC 3986: encodeURIComponent leaves some characters that the signature needs encoded. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function signature(url: URL, { region, credentials }: ObjectStore): Record<string, string> {
  if (credentials === undefined) {
    return {};
  }
  const { headers } = aws4.sign({ host: url.host, path: url.pathname, service: 's3', region }, credentials);
  return headers as Record<string, string>;
}
