import type { HttpServerRow } from '../../../core/row.ts';
import { readAhead } from '../../http/body.ts';
import { headerValue } from '../../http/headers.ts';
import type { ModelResponse } from '../../http/message.ts';
import { textAt } from '../../json/path.ts';
import { isSuccessStatus } from '../../http/status.ts';

type FailureRule = NonNullable<HttpServerRow['failure']>;

/**
 * Some servers report a failure in the JSON of a successful reply: cog's `"status": "failed"`, or the `{"error": …}` at
 * the end of Ollama's NDJSON. Such a reply gets the status of the row's rule. Headers and body stay unchanged.
 *
 * JSON is read to its end, up to `limit` bytes. Streamed NDJSON and event streams are not checked, because their status
 * is sent long before their end.
 */
export async function applyFailureRule(
  rule: FailureRule | undefined,
  response: ModelResponse,
  { streamsReply, limit }: { readonly streamsReply: boolean; readonly limit: number },
): Promise<ModelResponse> {
  if (rule === undefined || !isSuccessStatus(response.status)) return response;
  const contentType = headerValue(response.headers, 'content-type') ?? '';
  if (!/json|event-stream/i.test(contentType)) return response;
  const isStream = /ndjson|jsonl|event-stream/i.test(contentType);
  if (isStream && streamsReply) return response;
  const body = await readAhead(response.body, limit);
  const isFailure = Buffer.isBuffer(body) && reportsFailure(isStream ? lastDocument(body) : body, rule);
  return { ...response, status: isFailure ? rule.status : response.status, body };
}

function reportsFailure(document: Buffer, { field, equals }: FailureRule): boolean {
  // Most replies lack the keys and need no parsing.
  if (!field.split('.').every((key) => /^\d+$/.test(key) || document.includes(key))) return false;
  const value = textAt(document.toString(), field);
  return value !== undefined && (equals === undefined || equals.includes(value));
}

/** The last line of NDJSON, or the data of an event stream's last event. */
function lastDocument(body: Buffer): Buffer {
  let end = body.length;
  while (end > 0 && (body[end - 1] ?? 0) <= space) end -= 1;
  const line = body.subarray(body.lastIndexOf('\n', end - 1) + 1, end);
  return line.subarray(0, dataField.length).equals(dataField) ? line.subarray(dataField.length) : line;
}

const space = 0x20;
const dataField = Buffer.from('data:');
