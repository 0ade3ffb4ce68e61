import { decodeText, isUtf8, withUtf8 } from '../../http/charset.ts';
import { jsonResponse, type ReplyLimit } from '../../call/failure-reply.ts';
import { withoutHopByHop } from '../../http/headers.ts';
import type { Header, WholeResponse } from '../../http/message.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { enableForwarding } from './forwarding-hint.ts';

/**
 * Longest reply that is put into JSON for the host. The host names no limit for it; this is its own limit of requests
 * (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`).
 */
export const maximumReply: ReplyLimit = { bytes: 104_857_600, what: 'an output of Azure Functions' };

/** The value of an `http` output binding. The body is always there: without it the host answers with the object. */
export interface HttpOutput {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The model server's reply as the value of an `http` output. The host writes the body's text as UTF-8 and takes one
 * ASCII text for each header (RawScriptResult.cs; azure-functions-host #8622, #6091, #5016), so a reply with other
 * bytes becomes a 502 that says so. The reply's content encoding must have been undone before.
 *
 * @param method of the request; a reply to HEAD has no body
 */
export function httpOutput(response: WholeResponse, method: string): HttpOutput {
  const headers = fold(response.headers);
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
    hint: enableForwarding,
  });
  return httpOutput(error, 'GET');
}

/** Headers by lower-case name, repeated ones joined; or why they cannot be. */
function fold(headers: readonly Header[]): Record<string, string> | string {
  const folded = new Map<string, string>();
  for (const [name, value] of withoutHopByHop(headers)) {
    const lower = name.toLowerCase();
    if (hostHeaders.has(lower)) continue;
    if (/[^\t\x20-\x7e]/.test(value)) return `the model's reply has bytes beyond ASCII in its header ${lower}`;
    const earlier = folded.get(lower);
    if (earlier !== undefined && lower === 'set-cookie') return "the model's reply sets more than one cookie";
    folded.set(lower, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(folded);
}

const hostHeaders = new Set(['content-length', 'date', 'server']);
