import type { Header } from '../../http/message.ts';
import { ChunkedBody, LengthBody, UnendingBody, type BodyReader } from './reply-body.ts';

/** The head of a reply, with a reader for its body. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: readonly Header[];
  /** The body's stated length in bytes. Undefined if the body ends in another way. */
  readonly length: number | undefined;
  /** Reads the body to its end. */
  readonly body: BodyReader;
}

/**
 * Parses the head of an HTTP/1 reply (RFC 9112, sections 4 to 6). Throws an Error if it is malformed.
 *
 * @param text status line and header lines in Latin-1, without the empty line at the end
 * @param method the request's method, because a reply to HEAD has no body
 */
export function readReplyHead(text: string, method: string): ReplyHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  if (!/^HTTP\/1\.[01] [1-9]\d\d( |$)/.test(statusLine)) throw malformed(statusLine);
  const status = Number(statusLine.slice(9, 12));
  const headers: Header[] = [];
  let stated: string | undefined;
  let isChunked = false;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed(line);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    headers.push([name, value]);
    if (colon === 14 && name.toLowerCase() === 'content-length') {
      // With two lengths, recipients may disagree about the end of the body (RFC 9112, section 6.3).
      if (stated !== undefined) throw malformed(`a second ${line}`);
      stated = value;
    }
    if (colon === 17 && name.toLowerCase() === 'transfer-encoding') isChunked = /\bchunked$/i.test(value);
  }
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { status, headers, length: 0, body: new LengthBody(0) };
  }
  if (isChunked) return { status, headers, length: undefined, body: new ChunkedBody() };
  if (stated === undefined) return { status, headers, length: undefined, body: new UnendingBody() };
  if (!/^\d{1,15}$/.test(stated)) throw malformed(`Content-Length: ${stated}`);
  return { status, headers, length: Number(stated), body: new LengthBody(Number(stated)) };
}

function malformed(line: string): Error {
  return new Error(`${JSON.stringify(line.slice(0, 100))} is no part of its head`);
}
