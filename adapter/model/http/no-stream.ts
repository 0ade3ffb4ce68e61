import type { WholeRequest } from '../../http/message.ts';
import { JsonText } from '../../json/exact.ts';
import { jsonParts } from '../../json/scan.ts';

/**
 * Sets `"stream": false` in the request's JSON body, with any Content-Type (Ollama ignores it). All other bytes stay
 * unchanged, including numbers that JavaScript cannot hold. A body that is not a JSON object stays unchanged.
 */
export function withoutStreaming(request: WholeRequest): WholeRequest {
  // One character per byte, so that all other bytes stay the same.
  const text = request.body.toString('latin1');
  if (!isObject(text)) return request;
  const open = text.indexOf('{');
  // As in JSON.parse, the last of repeated members counts.
  const member = jsonParts(text.slice(open).trimEnd()).findLast(({ name }) => name === 'stream');
  if (member !== undefined) {
    const start = open + member.start;
    return withText(request, `${text.slice(0, start)}false${text.slice(start + member.text.length)}`);
  }
  const [before, after] = [text.slice(0, open + 1), text.slice(open + 1)];
  const comma = /^\s*\}/.test(after) ? '' : ',';
  return withText(request, `${before}"stream":false${comma}${after}`);
}

function isObject(text: string): boolean {
  try {
    JsonText.parse(text);
    return text.trimStart().startsWith('{');
  } catch {
    return false;
  }
}

function withText(request: WholeRequest, text: string): WholeRequest {
  return { ...request, body: Buffer.from(text, 'latin1') };
}
