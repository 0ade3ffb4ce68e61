import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { headerValue, withoutHeaders } from '../../http/headers.ts';
import type { Header, WholeResponse } from '../../http/message.ts';

/** The replies to compress, and the encodings. */
export interface Compression {
  /** The encodings, the preferred one first. */
  readonly encodings: readonly Encoding[];
  /** Matches media types. */
  readonly types: RegExp;
  /** Minimum size of a body in bytes. */
  readonly least: number;
}

export type Encoding = 'br' | 'gzip';

/**
 * The reply compressed in the first encoding that the caller accepts (RFC 9110, section 12.5.3), if it should be
 * compressed; otherwise the reply unchanged. Both get the `Vary` that caches need. A strong ETag becomes a weak one,
 * because the bytes differ.
 *
 * @param acceptEncoding the caller's Accept-Encoding; undefined accepts no encoding
 */
export async function compressed(
  response: WholeResponse,
  acceptEncoding: string | undefined,
  { encodings, types, least }: Compression,
): Promise<WholeResponse> {
  const { status, headers, body } = response;
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  const isForbidden =
    status < 200 ||
    [204, 205, 206, 304].includes(status) ||
    headerValue(headers, 'content-encoding') !== undefined ||
    /(?:^|,)\s*no-transform\s*(?:,|$)/i.test(headerValue(headers, 'cache-control') ?? '');
  if (isForbidden || body.length < least || media === undefined || !types.test(`${media.type}/${media.subtype}`)) {
    return response;
  }
  const varied = withVary(headers);
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding ?? 'identity' } });
  const encoding = encodings.find((each) => negotiator.encodings([each]).length > 0);
  if (encoding === undefined) return { ...response, headers: varied };
  const weak = varied.map(([name, value]): Header => {
    return /^etag$/i.test(name) && !value.startsWith('W/') ? [name, `W/${value}`] : [name, value];
  });
  return {
    status,
    headers: [...withoutHeaders(weak, ['content-length']), ['content-encoding', encoding]],
    body: await compressors[encoding](body),
  };
}

function withVary(headers: readonly Header[]): readonly Header[] {
  const isThere = headers.some(
    ([name, value]) => /^vary$/i.test(name) && /(?:^|,)\s*(?:accept-encoding|\*)/i.test(value),
  );
  return isThere ? headers : [...headers, ['vary', 'Accept-Encoding']];
}

const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);

const compressors: Readonly<Record<Encoding, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => gzip(body, {}),
  // The best quality, which is the default, takes 50 times as long.
  br: (body) => brotli(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
};
