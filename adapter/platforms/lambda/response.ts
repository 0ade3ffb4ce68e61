import { STATUS_CODES } from 'node:http';
import { tooLargeResponse } from '../../failure.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../headers.ts';
import { parseMediaType } from '../../media-type.ts';
import type { Header, ModelResponse } from '../../model/model-server.ts';
import type { HttpEvent } from './event.ts';

/** A reply in the form that the service in front of Lambda takes; all have these, and their own kinds of headers. */
export interface HttpReply {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly [more: string]: unknown;
}

/**
 * The model server's reply in the form that the event's service takes, byte for byte: text as text where it is UTF-8,
 * everything else as base64. Its content encoding stays.
 *
 * @param method of the request; a reply to HEAD has no body
 */
export function httpReply(event: HttpEvent, response: ModelResponse, method: string): HttpReply {
  const { body, headers } = replyParts(response, method);
  const content = { statusCode: response.status, ...encodeBody(body, headers) };
  switch (event.kind) {
    case 'rest':
      return { ...content, multiValueHeaders: allValues(headers) };
    case 'http':
      return { ...content, ...cookiesApart(headers) };
    case 'alb': {
      const statusDescription = `${response.status} ${STATUS_CODES[response.status] ?? 'Unknown'}`;
      // The load balancer takes the form that its target group is set to, and that its events have, and no other.
      const values = event.event.multiValueHeaders
        ? { multiValueHeaders: allValues(headers) }
        : { headers: withSpelledCookies(headers) };
      return { ...content, statusDescription, ...values };
    }
  }
}

/** The reply as JSON; one that the service would refuse becomes a small 413. */
export function serializeHttpReply(event: HttpEvent, response: ModelResponse, method: string): Buffer {
  const serialized = Buffer.from(JSON.stringify(httpReply(event, response, method)));
  const limit = event.kind === 'alb' ? maximumAlbReply : maximumReply;
  if (serialized.length <= limit) return serialized;
  const what = event.kind === 'alb' ? 'a Lambda reply to a load balancer' : 'a Lambda reply';
  return Buffer.from(JSON.stringify(httpReply(event, tooLargeResponse(serialized.length, what, limit), method)));
}

/** Longest reply that Lambda takes, in bytes of JSON (AWS Lambda developer guide, gettingstarted-limits). */
export const maximumReply = 6 * 1024 * 1024;

/** The same for a function behind an Application Load Balancer (services-alb). */
const maximumAlbReply = 1024 * 1024;

/**
 * The reply as a stream for the invoke mode RESPONSE_STREAM: status and headers as JSON, eight NUL bytes, and the body
 * as it is (AWS Lambda developer guide, configuration-response-streaming).
 */
export function streamedReply(response: ModelResponse, method: string): readonly Uint8Array[] {
  const { body, headers } = replyParts(response, method);
  const prelude = { statusCode: response.status, ...cookiesApart(headers) };
  return [Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8), body];
}

export const streamedReplyType = 'application/vnd.awslambda.http-integration-response';

function replyParts(response: ModelResponse, method: string): { headers: readonly Header[]; body: Uint8Array } {
  const hasBody = method !== 'HEAD' && ![204, 205, 304].includes(response.status) && response.body.length > 0;
  // The service states the length of what it sends; without a type it would make one up.
  const headers = withoutHeaders(withoutHopByHop(response.headers), ['content-length']);
  const isTyped = !hasBody || headerValue(headers, 'content-type') !== undefined;
  return {
    headers: isTyped ? headers : [...headers, ['content-type', 'application/octet-stream']],
    body: hasBody ? response.body : new Uint8Array(),
  };
}

function encodeBody(body: Uint8Array, headers: readonly Header[]): Pick<HttpReply, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { body: '', isBase64Encoded: false };
  const text = isText(headers) ? decodeUtf8(body) : undefined;
  if (text !== undefined) return { body: text, isBase64Encoded: false };
  const base64 = Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64');
  return { body: base64, isBase64Encoded: true };
}

function isText(headers: readonly Header[]): boolean {
  if ((headerValue(headers, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') return false;
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  return media !== undefined && (media.type === 'text' || textTypes.test(media.subtype));
}

/** Types under which a body is worth a look: whether it is text is told by its bytes. */
const textTypes = /^(json|javascript|xml|x-www-form-urlencoded|x-ndjson|yaml)$|\+(json|xml|yaml)$/;

function decodeUtf8(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function allValues(headers: readonly Header[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), value]);
  }
  return Object.fromEntries(values);
}

/** Repeated headers as one list (RFC 9110, section 5.3), except for cookies, which can hold commas. */
function cookiesApart(headers: readonly Header[]): { headers: Record<string, string>; cookies?: readonly string[] } {
  const { 'set-cookie': cookies, ...others } = allValues(headers);
  const joined = Object.entries(others).map(([name, values]) => [name, values.join(', ')]);
  return { headers: Object.fromEntries(joined) as Record<string, string>, ...(cookies && { cookies }) };
}

/** Where each name has one value, further cookies go under other spellings of a name that is read in any case. */
function withSpelledCookies(headers: readonly Header[]): Record<string, string> {
  const { headers: others, cookies = [] } = cookiesApart(headers);
  return { ...others, ...Object.fromEntries(cookies.map((cookie, index) => [spelling('set-cookie', index), cookie])) };
}

/** The name with the letters in upper case that are set in the number's bits. */
function spelling(name: string, number: number): string {
  let letter = 0;
  return name.replaceAll(/[a-z]/g, (character) => ((number >> letter++) & 1 ? character.toUpperCase() : character));
}
