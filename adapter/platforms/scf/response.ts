import { withinLimit } from '../_event/within-limit.ts';
import { allValues, replyParts, textBody } from '../_event/reply.ts';
import { jsonResponse, type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import { discardBody } from '../../http/body.ts';
import { headerValue, withoutHopByHop } from '../../http/headers.ts';
import type { ModelResponse, WholeResponse } from '../../http/message.ts';
import type { HttpEvent } from './event.ts';

/** An event function's reply to an HTTP event (cloud.tencent.com/document/product/583: 12513 and 96099). */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** Missing in replies to a function URL, which accepts only text. */
  readonly isBase64Encoded?: boolean;
}

/** The largest reply that SCF accepts, in bytes (cloud.tencent.com/document/product/583/11637). */
export const maximumReply: ReplyLimit = { bytes: 6 * 1024 * 1024, what: 'an SCF result' };

const maximumWebReply: ReplyLimit = { ...maximumReply, what: "a web function's reply" };

/** Longest headers of a web function's reply, names and values together, in bytes (product/583/56124). */
export const maximumHeaders = 4096;

/** A web function's reply. A reply over a limit of the platform becomes a small error with the reason. */
export function webReply(response: ModelResponse): ModelResponse {
  const { length } = response.body;
  // A stream has no length, so the platform's limit decides.
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

/** The reply to an HTTP event as JSON. A reply that the trigger cannot carry becomes a small error with the reason. */
export function serializeHttpReply(event: HttpEvent, response: WholeResponse, method: string): Buffer {
  const serialize = (each: WholeResponse): Buffer => Buffer.from(JSON.stringify(httpReply(event, each, method)));
  return withinLimit(response, serialize, maximumReply);
}

/** The model server's reply in the form of the event's trigger: text as text, any other body as base64. */
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
