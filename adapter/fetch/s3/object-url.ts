export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  /** One version of the object. Undefined for the latest. */
  readonly versionId?: string | undefined;
  /** The URL for messages. */
  readonly name: string;
}

/**
 * Parses `s3://bucket/key`. The key is everything after the bucket's slash, not percent-encoded.
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
      `${JSON.stringify(name)} names the bucket ${JSON.stringify(bucket)}, which is not a valid name`,
    );
  }
  // HTTP clients and servers resolve these, which may lead into another bucket.
  if (/(^|\/)\.{1,2}(\/|$)/.test(key)) {
    throw new CallerError(
      400,
      'INPUT',
      `${JSON.stringify(name)} has "." or ".." as a segment of its key, which is refused`,
    );
  }
  return { bucket, key, name, ...(versionId !== undefined && { versionId }) };
}

/**
 * The HTTP URL of an object. Most stores expect the bucket in the path; those of Amazon, Tencent and Alibaba expect it
 * in the host.
 *
 * @param endpoint undefined for Amazon S3 in this region
 */
export function objectUrl({ bucket, key, versionId }: ObjectName, endpoint: URL | undefined, region: string): URL {
  const path = key.split('/').map(unreserved).join('/');
  const base = endpoint ?? new URL(`https://s3.${region}.amazonaws.com`);
  // A certificate for "*.s3.amazonaws.com" does not cover a bucket with dots.
  const inHost = /\.(amazonaws\.com|amazonaws\.com\.cn|myqcloud\.com|aliyuncs\.com)$/.test(base.hostname);
  const folder = base.pathname.replace(/\/$/, '');
  const query = versionId === undefined ? '' : `?versionId=${unreserved(versionId)}`;
  return inHost && !bucket.includes('.')
    ? new URL(`${base.protocol}//${bucket}.${base.host}${folder}/${path}${query}`)
    : new URL(`${base.origin}${folder}/${bucket}/${path}${query}`);
}

/** Also encodes `!'()*`, which encodeURIComponent leaves and the signature requires (RFC 3986). */
function unreserved(text: string): string {
  return encodedComponent(text).replaceAll(/[!'()*]/g, percentEncoded);
}
import { encodedComponent, percentEncoded } from '../../../core/http/percent.ts';
import { CallerError } from '../../errors.ts';
