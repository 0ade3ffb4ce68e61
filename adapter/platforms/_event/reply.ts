import { decodeText } from '../../http/charset.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { discardBody } from '../../http/body.ts';
import type { Body, Header, ModelResponse } from '../../http/message.ts';

/**
 * The headers and the body of a reply for a platform's JSON. Dropped are a body that HTTP does not allow, headers of
 * the connection, and the length, which the service in front sets itself. A missing type becomes
 * application/octet-stream, because the service would invent one.
 *
 * @param method the request's method, because a reply to HEAD has no body
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

/** The body as text, if it is empty, or if its headers say text and its bytes are valid UTF-8. Otherwise undefined. */
export function textBody(headers: readonly Header[], body: Buffer): string | undefined {
  return body.length === 0 || isText(headers) ? decodeText(body, 'utf-8') : undefined;
}

/** All values of each header, by name in lower case. */
export function allValues(headers: readonly Header[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const present = values.get(lower);
    if (present === undefined) values.set(lower, [value]);
    else present.push(value);
  }
  return Object.fromEntries(values);
}

/** Whether the headers say that the body is text. False without a type. */
export function isText(headers: readonly Header[]): boolean {
  if ((headerValue(headers, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') return false;
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  return media !== undefined && (media.type === 'text' || textTypes.test(media.subtype));
}

/** Subtypes that may be text. The bytes decide in the end. */
const textTypes = /^(json|javascript|xml|x-www-form-urlencoded|x-ndjson|yaml)$|\+(json|xml|yaml)$/;
