import type { Json } from '../json/json.ts';
import { prettyPrintJson, printJson } from '../json/print.ts';
import { encodeText } from '../java-text.ts';
import { parseContentType, type ContentType } from './media-type.ts';

/** A header. Repeated headers are separate entries, in order. */
export type Header = readonly [name: string, value: string];

/** A request with its whole body (pekko-http's `toStrictEntity`). */
export interface GatewayRequest {
  /** Upper case. */
  readonly method: string;
  /** Without the query, as pekko-http renders it: percent-encoded, dot segments resolved. */
  readonly path: string;
  /** Without the "?". Undefined if the target has no "?". */
  readonly query: string | undefined;
  /** Names in lower case, values as pekko-http renders them. Without the headers that describe the entity. */
  readonly headers: readonly Header[];
  /** Undefined if the request has neither a type nor a body (an empty chunked body counts as a body). */
  readonly contentType: ContentType | undefined;
  /** Empty if the body is longer than the payload limit. `bodyLength` is the real length in any case. */
  readonly body: Buffer;
  readonly bodyLength: number;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  /** Transaction id: the caller's X-Request-ID, or a new one. */
  readonly transaction: string;
}

/** A body in bytes, or a text in the charset that the caller asks for. */
export type Entity =
  | { readonly kind: 'bytes'; readonly contentType: ContentType; readonly bytes: Buffer }
  | { readonly kind: 'text'; readonly contentType: ContentType; readonly text: string };

/** A reply. Without an entity, it has no Content-Type either. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly entity: Entity | undefined;
}

export function emptyReply(status: number, headers: readonly Header[] = []): Reply {
  return { status, headers, entity: undefined };
}

export function bytesReply(
  status: number,
  contentType: ContentType,
  bytes: Buffer,
  headers: readonly Header[] = [],
): Reply {
  return { status, headers, entity: { kind: 'bytes', contentType, bytes } };
}

/** Plain text in the charset that the caller prefers. */
export function textReply(status: number, text: string): Reply {
  return { status, headers: [], entity: { kind: 'text', contentType: plainText, text } };
}

/** JSON as the REST API writes it, without white space. */
export function jsonReply(status: number, value: Json, headers: readonly Header[] = []): Reply {
  return bytesReply(status, json, encodeText(printJson(value)), headers);
}

/** JSON as web actions write it, on several lines. */
export function prettyJsonReply(status: number, value: Json, headers: readonly Header[] = []): Reply {
  return bytesReply(status, json, encodeText(prettyPrintJson(value)), headers);
}

export function withHeaders(headers: readonly Header[], reply: Reply): Reply {
  return { ...reply, headers: [...headers, ...reply.headers] };
}

/** The first value of a header. `name` in lower case. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([candidate]) => candidate === name)?.[1];
}

export const json = knownType('application/json');
export const octetStream = knownType('application/octet-stream');
const plainText = knownType('text/plain');

/** Parses a content type of the gateway's own. Throws TypeError if it is malformed. */
export function knownType(value: string): ContentType {
  const parsed = parseContentType(value);
  if (parsed === undefined) throw new TypeError(`${value} is not a media type`);
  return parsed;
}
