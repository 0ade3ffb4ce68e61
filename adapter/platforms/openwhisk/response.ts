import { decodeText, isUtf8, withUtf8 } from '../../http/charset.ts';
import { headerValue, withoutHopByHop } from '../../http/headers.ts';
import { type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import { JsonBytes, serializeJson } from '../../json/embedded-bytes.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import type { Header, WholeResponse } from '../../http/message.ts';
import { isBinary, isJsonFamily, looksLikeBase64 } from '../../../core/openwhisk/media-types.ts';
import { readableContentType } from './content-type.ts';

/** What a web action returns to the controller (docs/protocols/openwhisk.md, "Web actions: the result"). */
export interface WebResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | JsonBytes;
}

/** Longest result that the platform takes, in bytes of JSON (`whisk.activation.payload.max`). */
export const maximumResult: ReplyLimit = { bytes: 1_048_576, what: 'an OpenWhisk result' };

/**
 * The model server's reply as a web action's result: text as text, everything binary by Pekko's table as base64.
 * The reply's content encoding must have been undone before.
 *
 * @param method of the request; a reply to HEAD has no body
 * @param cors whether `access-control-*` is the controller's own business or the model server's. OPTIONS reaches an
 *   action only where its annotation `web-custom-options` makes it the model server's.
 */
export function webResult(response: WholeResponse, method: string, cors: 'platform' | 'model'): WebResult {
  const hasBody = method !== 'HEAD' && !bodyless.has(response.status) && response.body.length > 0;
  const content = hasBody ? encodeBody(response) : undefined;
  const headers = foldHeaders(response.headers, method === 'OPTIONS' ? 'model' : cors);
  if (content !== undefined) headers['content-type'] = content.contentType;
  return {
    statusCode: response.status,
    headers,
    ...(content === undefined ? {} : { body: content.body }),
  };
}

/**
 * The result as the JSON that `/run` answers. JSON that does not fit as text, being full of quotes, goes as base64 where
 * that is shorter. One that the platform would cut off becomes a small 413 that names both sizes: truncated, it would
 * reach the caller as a 400 about something else.
 */
export function serializeWebResult(result: WebResult): Buffer {
  const asIs = serializeJson({ ...result });
  const serialized = asIs.length <= maximumResult.bytes ? asIs : shorter(asIs, encodedJson(result));
  if (serialized.length <= maximumResult.bytes) return serialized;
  const refusal = tooLargeResponse(serialized.length, maximumResult);
  return Buffer.from(JSON.stringify(webResult(refusal, 'GET', 'platform')));
}

/** The result with base64 of its JSON, which the controller decodes; undefined where the body is anything else. */
function encodedJson(result: WebResult): Buffer | undefined {
  const { body, headers } = result;
  const type = headers['content-type'];
  if (typeof body !== 'string' || typeof type !== 'string' || !isJsonFamily(type)) return undefined;
  return serializeJson({ ...result, body: new JsonBytes(Buffer.from(body)) });
}

function shorter(one: Buffer, other: Buffer | undefined): Buffer {
  return other !== undefined && other.length < one.length ? other : one;
}

const bodyless = new Set([204, 205, 304]);

function encodeBody(response: WholeResponse): { contentType: string; body: string | JsonBytes } {
  const declared = readableContentType(headerValue(response.headers, 'content-type') ?? '');
  const body = new JsonBytes(response.body);
  // Without a type, or with one that is none, the controller would guess text/html or refuse: bytes stay bytes.
  const media = declared === undefined ? undefined : parseMediaType(declared);
  if (declared === undefined || media === undefined) {
    return { contentType: 'application/octet-stream', body };
  }
  const text = isBinary(declared) ? undefined : decodeText(body.bytes, media.charset);
  const contentType = text === undefined || isUtf8(media.charset) ? declared : withUtf8(declared);
  if (isJsonFamily(declared)) {
    // For JSON the controller takes either form, and takes what looks like base64 for base64.
    const asText = text !== undefined && !looksLikeBase64(text);
    if (asText) return { contentType, body: text };
    return { contentType, body: text === undefined ? body : new JsonBytes(Buffer.from(text)) };
  }
  if (isBinary(declared)) return { contentType, body };
  // Read as browsers do (WHATWG Encoding), so that no character becomes U+FFFD.
  return text === undefined
    ? { contentType: withUtf8(declared), body: new TextDecoder('windows-1252').decode(body.bytes) }
    : { contentType, body: text };
}

/** Repeated names become arrays; what the controller sets or drops by itself is left out. */
function foldHeaders(headers: readonly Header[], cors: 'platform' | 'model'): Record<string, string | string[]> {
  const folded = new Map<string, string | string[]>();
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (controllerHeaders.has(lower) || (cors === 'platform' && lower.startsWith('access-control-'))) continue;
    const earlier = folded.get(lower);
    folded.set(lower, earlier === undefined ? value : [earlier, value].flat());
  }
  return Object.fromEntries(folded);
}

const controllerHeaders = new Set(['content-type', 'content-length', 'content-encoding', 'date', 'server']);
