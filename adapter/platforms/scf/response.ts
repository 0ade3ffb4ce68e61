import { withinLimit } from '../_event/within-limit.ts';
import { allValues, replyParts, textBody } from '../_event/reply.ts';
import { jsonResponse, type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import { discardBody } from '../../http/body.ts';
import { headerValue, withoutHopByHop } from '../../http/headers.ts';
import type { ModelResponse, WholeResponse } from '../../http/message.ts';
import type { HttpEvent } from './event.ts';

/** What an event function answers an HTTP event with (cloud.tencent.com/document/product/583: 12513 and 96099). */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** Not there in replies to a function URL, which takes text only. */
  readonly isBase64Encoded?: boolean;
}

/** Longest reply that SCF takes, in bytes (cloud.tencent.com/document/product/583/11637). */
export const maximumReply: ReplyLimit = { bytes: 6 * 1024 * 1024, what: 'an SCF result' };

const maximumWebReply: ReplyLimit = { ...maximumReply, what: "a web function's reply" };

/** Longest headers of a web function's reply, names and values together, in bytes (product/583/56124). */
export const maximumHeaders = 4096;

/** A web function's reply; one that the platform would cut off or refuse becomes a small error that says so. */
export function webReply(response: ModelResponse): ModelResponse {
  const { length } = response.body;
  // What streams has no length, and goes as far as the platform takes it.
  if (length !== undefined && length > maximumWebReply.bytes) {
    discardBody(response.body);
    return tooLargeResponse(length, maximumWebReply);
  }
  const bytes = withoutHopByHop(response.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes <= maximumHeaders) return response;
  discardBody(response.body);
  return jsonResponse(502, {
    message: `the headers of the model's reply take ${bytes} bytes, over the platform's limit of ${maximumHeaders}`,
    code: 'RESULT_HEADERS_TOO_LARGE',
    hint: 'make the model server send fewer or shorter headers, or deploy the image as an event function',
  });
}

/** The reply to an HTTP event as JSON; one that the trigger cannot carry becomes a small error that says so. */
export function serializeHttpReply(event: HttpEvent, response: WholeResponse, method: string): Buffer {
  const serialize = (each: WholeResponse): Buffer => Buffer.from(JSON.stringify(httpReply(event, each, method)));
  return withinLimit(response, serialize, maximumReply);
}

/** The model server's reply in the form that the event's trigger takes: text as text, everything else as base64. */
export function httpReply(event: HttpEvent, response: WholeResponse, method: string): HttpReply {
  const { headers, body } = replyParts(response, method);
  const text = textBody(headers, body);
  if (event.kind === 'url' && text === undefined) return httpReply(event, notText(response), method);
  const values = Object.entries(allValues(headers)).map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  return {
    statusCode: response.status,
    headers: Object.fromEntries(values) as HttpReply['headers'],
    body: text ?? body.toString('base64'),
    ...(event.kind !== 'url' && { isBase64Encoded: text === undefined }),
  };
}

function notText({ headers }: WholeResponse): WholeResponse {
  const type = headerValue(headers, 'content-type') ?? 'of no type';
  return jsonResponse(502, {
    message: `the model's reply is ${type}, and function URLs of event functions carry nothing but UTF-8 text`,
    code: 'RESULT_NOT_TEXT',
    hint: 'deploy the image as a web function',
  });
}
