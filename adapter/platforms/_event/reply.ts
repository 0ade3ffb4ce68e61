import { decodeText } from '../../http/charset.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { discardBody } from '../../http/body.ts';
import type { Body, Header, ModelResponse } from '../../http/message.ts';

/**
 * Headers and body of a reply whose head goes into JSON: no body where HTTP has none, no headers of the connection, no
 * length, as the service in front states that of what it sends, and a type, which it would make up otherwise.
 *
 * @param method of the request; a reply to HEAD has no body
 */
export function replyParts<Content extends Body>(
  response: ModelResponse & { readonly body: Content },
  method: string,
): { headers: readonly Header[]; body: Content | Buffer } {
  const hasBody = method !== 'HEAD' && ![204, 205, 304].includes(response.status) && response.body.length !== 0;
  if (!hasBody) discardBody(response.body);
  const headers = withoutHeaders(withoutHopByHop(response.headers), ['content-length']);
  const isTyped = !hasBody || headerValue(headers, 'content-type') !== undefined;
  return {
    headers: isTyped ? headers : [...headers, ['content-type', 'application/octet-stream']],
    body: hasBody ? response.body : Buffer.alloc(0),
  };
}

/** The body's text, where its headers call it text and its bytes are UTF-8, or where it is empty; else undefined. */
export function textBody(headers: readonly Header[], body: Buffer): string | undefined {
  return body.length === 0 || isText(headers) ? decodeText(body, 'utf-8') : undefined;
}

/** All values of each header, by its name in lower case. */
export function allValues(headers: readonly Header[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), value]);
  }
  return Object.fromEntries(values);
}

/** Whether headers call a body text; without a type they do not. */
export function isText(headers: readonly Header[]): boolean {
  if ((headerValue(headers, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') return false;
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  return media !== undefined && (media.type === 'text' || textTypes.test(media.subtype));
}

/** Types under which a body is worth a look: whether it is text is told by its bytes. */
const textTypes = /^(json|javascript|xml|x-www-form-urlencoded|x-ndjson|yaml)$|\+(json|xml|yaml)$/;
