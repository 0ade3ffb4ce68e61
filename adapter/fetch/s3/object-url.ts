export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  /** One version of the object. Undefined for the latest. */
  readonly versionId?: string | undefined;
  /** As messages show it. */
  readonly name: string;
}

/**
 * Reads `s3://bucket/key`. Everything after the bucket's slash is the key as it is, not percent-encoded.
 *
 * @param versionId one version of the object; undefined for the latest
 * @throws CallerError 400
 */
export function readObjectUrl(url: string, versionId?: string): ObjectName {
  const [, bucket, key] = /^s3:\/\/([^/]*)\/(.+)$/is.exec(url) ?? [];
  const name = url.length > 200 ? `${url.slice(0, 200)}…` : url;
  if (bucket === undefined || key === undefined) {
    throw new CallerError(400, 'INPUT', `${JSON.stringify(name)} names no object; expected s3://bucket/key`);
  }
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket)) {
    throw new CallerError(
      400,
      'INPUT',
      `${JSON.stringify(name)} names the bucket ${JSON.stringify(bucket)}, which is no name`,
    );
  }
  // HTTP clients and servers take these for steps in the path, which may lead into another bucket.
  if (/(^|\/)\.{1,2}(\/|$)/.test(key)) {
    throw new CallerError(
      400,
      'INPUT',
      `${JSON.stringify(name)} has "." or ".." for a part of its key, which is refused`,
    );
  }
  return { bucket, key, name, ...(versionId !== undefined && { versionId }) };
}

/**
 * Where the object is fetched from. Most stores take the bucket in the path; Amazon's own, Tencent's and Alibaba's want
 * it in the host.
 *
 * @param endpoint undefined for Amazon's own in this region
 */
export function objectUrl({ bucket, key, versionId }: ObjectName, endpoint: URL | undefined, region: string): URL {
  const path = key.split('/').map(percentEncoded).join('/');
  const base = endpoint ?? new URL(`https://s3.${region}.amazonaws.com`);
  // A certificate for "*.s3.amazonaws.com" does not cover a bucket with dots.
  const inHost = /\.(amazonaws\.com|amazonaws\.com\.cn|myqcloud\.com|aliyuncs\.com)$/.test(base.hostname);
  const folder = base.pathname.replace(/\/$/, '');
  const query = versionId === undefined ? '' : `?versionId=${percentEncoded(versionId)}`;
  return inHost && !bucket.includes('.')
    ? new URL(`${base.protocol}//${bucket}.${base.host}${folder}/${path}${query}`)
    : new URL(`${base.origin}${folder}/${bucket}/${path}${query}`);
}

/** RFC 3986: encodeURIComponent leaves some that the signature wants encoded. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
import { CallerError } from '../../errors.ts';
