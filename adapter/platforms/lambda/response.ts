import { STATUS_CODES } from 'node:http';
import { allValues, replyParts, textBody } from '../_event/reply.ts';
import { withinLimit } from '../_event/within-limit.ts';
import type { ReplyLimit } from '../../call/failure-reply.ts';
import type { Body, Header, ModelResponse, WholeResponse } from '../../http/message.ts';
import type { HttpEvent } from './http-event.ts';

/** A reply in the form of the service in front of Lambda. All forms have these members, but headers differ. */
export interface HttpReply {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly [more: string]: unknown;
}

/**
 * The model server's reply in the form of the event's service, with the same bytes: UTF-8 text as text, any other body
 * as base64. The Content-Encoding stays.
 *
 * @param method the request's method, because a reply to HEAD has no body
 */
export function httpReply(event: HttpEvent, response: WholeResponse, method: string): HttpReply {
  const { body, headers } = replyParts(response, method);
  const content = { statusCode: response.status, ...encodeBody(body, headers) };
  switch (event.kind) {
    case 'rest':
      return { ...content, multiValueHeaders: allValues(headers) };
    case 'http':
      return { ...content, ...cookiesApart(headers) };
    case 'lattice':
      return { ...content, statusDescription: statusDescription(response), headers: withSpelledCookies(headers) };
    case 'alb': {
      // The target group's setting determines the form of both events and replies.
      const values = event.event.multiValueHeaders
        ? { multiValueHeaders: allValues(headers) }
        : { headers: withSpelledCookies(headers) };
      return { ...content, statusDescription: statusDescription(response), ...values };
    }
  }
}

function statusDescription({ status }: WholeResponse): string {
  return `${status} ${STATUS_CODES[status] ?? 'Unknown'}`;
}

/** The reply as JSON. A reply over the service's limit becomes a small 413. */
export function serializeHttpReply(event: HttpEvent, response: WholeResponse, method: string): Buffer {
  const serialize = (each: WholeResponse): Buffer => Buffer.from(JSON.stringify(httpReply(event, each, method)));
  return withinLimit(response, serialize, replyLimit(event));
}

/** The largest reply that the event's service accepts. */
export function replyLimit(event: HttpEvent): ReplyLimit {
  return event.kind === 'alb' ? maximumAlbReply : maximumReply;
}

/** The largest reply of Lambda, in bytes of JSON (AWS Lambda developer guide, gettingstarted-limits). */
export const maximumReply: ReplyLimit = { bytes: 6 * 1024 * 1024, what: 'a Lambda reply' };

/** The largest reply to an Application Load Balancer (services-alb). */
const maximumAlbReply: ReplyLimit = { bytes: 1024 * 1024, what: 'a Lambda reply to a load balancer' };

/**
 * The reply as a stream for the invoke mode RESPONSE_STREAM: status and headers as JSON, eight NUL bytes, and the
 * unchanged body (AWS Lambda developer guide, configuration-response-streaming).
 */
export function streamedReply<Content extends Body>(
  response: ModelResponse & { readonly body: Content },
  method: string,
): readonly [prelude: Buffer, separator: Buffer, body: Content | Buffer] {
  const { body, headers } = replyParts(response, method);
  const prelude = { statusCode: response.status, ...cookiesApart(headers) };
  return [Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8), body];
}

/** The largest reply in the invoke mode RESPONSE_STREAM, in bytes (gettingstarted-limits). */
export const maximumStream: ReplyLimit = { bytes: 200 * 1024 * 1024, what: 'a streamed Lambda reply' };

export const streamedReplyType = 'application/vnd.awslambda.http-integration-response';

function encodeBody(body: Buffer, headers: readonly Header[]): Pick<HttpReply, 'body' | 'isBase64Encoded'> {
  const text = textBody(headers, body);
  if (text !== undefined) return { body: text, isBase64Encoded: false };
  const base64 = body.toString('base64');
  return { body: base64, isBase64Encoded: true };
}

/** Joins repeated headers (RFC 9110, section 5.3), except cookies, which may contain commas. */
function cookiesApart(headers: readonly Header[]): { headers: Record<string, string>; cookies?: readonly string[] } {
  const { 'set-cookie': cookies, ...others } = allValues(headers);
  const joined = Object.entries(others).map(([name, values]) => [name, values.join(', ')]);
  return { headers: Object.fromEntries(joined) as Record<string, string>, ...(cookies && { cookies }) };
}

/** With one value per name, further cookies need other spellings of "set-cookie". Header names match in any case. */
function withSpelledCookies(headers: readonly Header[]): Record<string, string> {
  const { headers: others, cookies = [] } = cookiesApart(headers);
  return { ...others, ...Object.fromEntries(cookies.map((cookie, index) => [spelling('set-cookie', index), cookie])) };
}

/** The name with those letters in upper case whose bits are set in the number. */
function spelling(name: string, number: number): string {
  let letter = 0;
  return name.replaceAll(/[a-z]/g, (character) => ((number >> letter++) & 1 ? character.toUpperCase() : character));
}
