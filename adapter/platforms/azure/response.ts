import { decodeText, isUtf8, withUtf8 } from '../../http/charset.ts';
import { jsonResponse, type ReplyLimit } from '../../call/failure-reply.ts';
import { withoutHopByHop } from '../../http/headers.ts';
import type { Header, WholeResponse } from '../../http/message.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { forwardingHint } from './forwarding-hint.ts';

/**
 * The largest reply in JSON for the host. The host documents no limit of replies; this is its limit of requests
 * (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`).
 */
export const maximumReply: ReplyLimit = { bytes: 104_857_600, what: 'an output of Azure Functions' };

/** The value of an `http` output binding. `body` must be set; without it the host sends the object as the body. */
export interface HttpOutput {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The model server's reply as the value of an `http` output. The host accepts only text for the body, which it writes
 * as UTF-8, and one ASCII text per header (RawScriptResult.cs; azure-functions-host #8622, #6091, #5016). Any other
 * reply becomes a 502 with the reason. The reply must have no Content-Encoding.
 *
 * @param method the request's method, because a reply to HEAD has no body
 */
export function httpOutput(response: WholeResponse, method: string): HttpOutput {
  const headers = joinHeaders(response.headers);
  if (typeof headers === 'string') return refusal(headers);
  const hasBody = method !== 'HEAD' && response.body.length > 0;
  if (!hasBody) return { statusCode: response.status, headers, body: '' };
  const contentType = headers['content-type'];
  const charset = contentType === undefined ? undefined : parseMediaType(contentType)?.charset;
  const body = decodeText(response.body, charset);
  if (body === undefined) {
    return refusal(`the model's reply of type ${contentType ?? '(none)'} is not ${charset ?? 'UTF-8'} text`);
  }
  const type = contentType === undefined || isUtf8(charset) ? {} : { 'content-type': withUtf8(contentType) };
  return { statusCode: response.status, headers: { ...headers, ...type }, body };
}

function refusal(reason: string): HttpOutput {
  const error = jsonResponse(502, {
    message: `${reason}, which the function host cannot pass on`,
    code: 'RESULT_NOT_TEXT',
    hint: forwardingHint,
  });
  return httpOutput(error, 'GET');
}

/** Headers by name in lower case, with repeated ones joined. A string is the reason why that is impossible. */
function joinHeaders(headers: readonly Header[]): Record<string, string> | string {
  const joined = new Map<string, string>();
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (hostHeaders.has(lower)) continue;
    if (/[^\t\x20-\x7e]/.test(value)) return `the model's reply has bytes beyond ASCII in its header ${lower}`;
    const earlier = joined.get(lower);
    if (earlier !== undefined && lower === 'set-cookie') return "the model's reply sets more than one cookie";
    joined.set(lower, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(joined);
}

const hostHeaders = new Set(['content-length', 'date', 'server']);
