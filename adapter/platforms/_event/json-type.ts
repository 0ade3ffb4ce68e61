import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';

/**
 * The headers of a request, with a Content-Type where the caller named none and the body is a JSON object or array.
 * Test events of the platforms' consoles come so, and model servers read no JSON without it.
 */
export function withJsonType(headers: readonly Header[], body: Buffer): readonly Header[] {
  if (headerValue(headers, 'content-type') !== undefined || !isJson(body)) return headers;
  return [...headers, ['content-type', 'application/json']];
}

function isJson(body: Buffer): boolean {
  const text = body.toString();
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
