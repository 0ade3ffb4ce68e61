import { decodeText, isUtf8, withUtf8 } from '../../http/charset.ts';
import { headerValue, withoutHopByHop } from '../../http/headers.ts';
import { type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import { bytesOf, JsonBytes, serializeJson, type SerializedJson } from '../../json/embedded-bytes.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import type { Header, WholeResponse } from '../../http/message.ts';
import { isBinary, isJsonFamily, looksLikeBase64 } from '../../../core/openwhisk/media-types.ts';
import { readableContentType } from './content-type.ts';

/** The result of a web action (docs/protocols/openwhisk.md, "Web actions: the result"). */
export interface WebResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | JsonBytes;
}

/** The largest result that the platform accepts, in bytes of JSON (`whisk.activation.payload.max`). */
export const maximumResult: ReplyLimit = { bytes: 1_048_576, what: 'an OpenWhisk result' };

/**
 * The model server's reply as a web action's result: text as text, and types that Pekko registers as binary as base64.
 * The reply must have no Content-Encoding.
 *
 * @param method the request's method, because a reply to HEAD has no body
 * @param cors whether the platform or the model server sets `access-control-*`. OPTIONS reaches an action only if its
 *   annotation `web-custom-options` leaves these headers to the model server.
 */
export function webResult(response: WholeResponse, method: string, cors: 'platform' | 'model'): WebResult {
  const hasBody = method !== 'HEAD' && !bodyless.has(response.status) && response.body.length > 0;
  const content = hasBody ? encodeBody(response) : undefined;
  const headers = headersByName(response.headers, method === 'OPTIONS' ? 'model' : cors);
  if (content !== undefined) headers['content-type'] = content.contentType;
  return {
    statusCode: response.status,
    headers,
    ...(content === undefined ? {} : { body: content.body }),
  };
}

/**
 * The result as JSON, for the answer to `/run`. If a JSON body with many quotes does not fit as text, it becomes base64
 * if that is shorter. A result over the limit becomes a small 413 with both sizes, because the platform would truncate
 * it and answer with a misleading 400.
 */
export function serializeWebResult(result: WebResult): SerializedJson {
  const asIs = serializeJson({ ...result });
  const serialized = bytesOf(asIs) <= maximumResult.bytes ? asIs : shorter(asIs, encodedJson(result));
  const length = bytesOf(serialized);
  if (length <= maximumResult.bytes) return serialized;
  return JSON.stringify(webResult(tooLargeResponse(length, maximumResult), 'GET', 'platform'));
}

/** The result with its JSON body as base64, which the controller decodes. Undefined for other bodies. */
function encodedJson(result: WebResult): SerializedJson | undefined {
  const { body, headers } = result;
  const type = headers['content-type'];
  if (typeof body !== 'string' || typeof type !== 'string' || !isJsonFamily(type)) return undefined;
  return serializeJson({ ...result, body: new JsonBytes(Buffer.from(body)) });
}

function shorter(one: SerializedJson, other: SerializedJson | undefined): SerializedJson {
  return other !== undefined && bytesOf(other) < bytesOf(one) ? other : one;
}

const bodyless = new Set([204, 205, 304]);

function encodeBody(response: WholeResponse): { contentType: string; body: string | JsonBytes } {
  const declared = readableContentType(headerValue(response.headers, 'content-type') ?? '');
  const body = new JsonBytes(response.body);
  // Without a valid type the controller would assume text/html or refuse the reply.
  const media = declared === undefined ? undefined : parseMediaType(declared);
  if (declared === undefined || media === undefined) {
    return { contentType: 'application/octet-stream', body };
  }
  const text = isBinary(declared) ? undefined : decodeText(body.bytes, media.charset);
  const contentType = text === undefined || isUtf8(media.charset) ? declared : withUtf8(declared);
  if (isJsonFamily(declared)) {
    // For JSON the controller accepts text or base64, and decodes everything that looks like base64.
    const asText = text !== undefined && !looksLikeBase64(text);
    if (asText) return { contentType, body: text };
    return { contentType, body: text === undefined ? body : new JsonBytes(Buffer.from(text)) };
  }
  if (isBinary(declared)) return { contentType, body };
  // Decode it as browsers do (WHATWG Encoding), so that no character becomes U+FFFD.
  return text === undefined
    ? { contentType: withUtf8(declared), body: new TextDecoder('windows-1252').decode(body.bytes) }
    : { contentType, body: text };
}

/** Repeated headers become arrays. Headers that the controller sets or drops itself are left out. */
function headersByName(headers: readonly Header[], cors: 'platform' | 'model'): Record<string, string | string[]> {
  const byName = new Map<string, string | string[]>();
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (controllerHeaders.has(lower) || (cors === 'platform' && lower.startsWith('access-control-'))) continue;
    const earlier = byName.get(lower);
    byName.set(lower, earlier === undefined ? value : [earlier, value].flat());
  }
  return Object.fromEntries(byName);
}

const controllerHeaders = new Set(['content-type', 'content-length', 'content-encoding', 'date', 'server']);
