import type { WholeRequest } from '../../http/message.ts';

/**
 * The request with `"stream": false` in its JSON body, whatever its Content-Type says (Ollama reads none). All other
 * bytes stay, numbers that JavaScript cannot hold among them. A body that is not a JSON object is left alone.
 */
export function withoutStreaming(request: WholeRequest): WholeRequest {
  // One character per byte: whatever is not changed goes back as it came.
  const text = request.body.toString('latin1');
  if (!isJsonObject(text)) return request;
  const value = findValue(text, 'stream');
  if (value !== undefined) return withText(request, `${text.slice(0, value.start)}false${text.slice(value.end)}`);
  const open = text.indexOf('{') + 1;
  const comma = /^\s*\}/.test(text.slice(open)) ? '' : ',';
  return withText(request, `${text.slice(0, open)}"stream":false${comma}${text.slice(open)}`);
}

function withText(request: WholeRequest, text: string): WholeRequest {
  return { ...request, body: Buffer.from(text, 'latin1') };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Where the value of a key of the outermost object stands in the text of valid JSON. */
function findValue(text: string, wanted: string): { start: number; end: number } | undefined {
  let depth = 0;
  let key: unknown;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g)) {
    if (token === ']' || token === '}') depth -= 1;
    const ends = (depth === 1 && token === ',') || depth === 0;
    if (ends && start > 0) return { start, end: index };
    if (token === '[' || token === '{') depth += 1;
    if (depth !== 1) continue;
    if (token === ':' && key === wanted) start = index + 1;
    if (token.startsWith('"') && start === 0) key = JSON.parse(token);
  }
  return undefined;
}
