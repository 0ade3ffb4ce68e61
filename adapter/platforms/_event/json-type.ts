import { headerValue } from '../../http/headers.ts';
import { JsonText } from '../../json/exact.ts';
import type { Header } from '../../http/message.ts';

/**
 * The headers of a request. A missing Content-Type is added if the body is a JSON object or array. Test events of the
 * platforms' consoles lack it, and model servers need it to read JSON.
 */
export function withJsonType(headers: readonly Header[], body: Buffer): readonly Header[] {
  if (headerValue(headers, 'content-type') !== undefined || !isJson(body)) return headers;
  return [...headers, ['content-type', 'application/json']];
}

function isJson(body: Buffer): boolean {
  const text = body.toString();
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JsonText.parse(text);
    return true;
  } catch {
    return false;
  }
}
