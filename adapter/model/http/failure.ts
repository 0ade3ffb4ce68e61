import type { HttpServerRow } from '../../../core/row.ts';
import type { WholeResponse } from '../../http/message.ts';
import { textAt } from '../../json/path.ts';

type FailureRule = NonNullable<HttpServerRow['failure']>;

/**
 * Gives a reply that reports a failure in its JSON, under a status that says success, the status of the row's rule:
 * cog's `"status": "failed"`, or the `{"error": …}` that ends Ollama's NDJSON. Headers and body stay as they are.
 */
export function applyFailureRule(rule: FailureRule | undefined, response: WholeResponse): WholeResponse {
  if (rule === undefined || response.status < 200 || response.status > 299) return response;
  const contentType = response.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!/json|event-stream/i.test(contentType)) return response;
  const text = response.body.toString();
  const value = textAt(/ndjson|jsonl|event-stream/i.test(contentType) ? lastDocument(text) : text, rule.field);
  if (value === undefined) return response;
  if (rule.equals !== undefined && !rule.equals.includes(value)) return response;
  return { ...response, status: rule.status };
}

/** The last line of NDJSON, or what the last event of an event stream carries. */
function lastDocument(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/^data:/, '');
}
