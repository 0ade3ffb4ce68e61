import type { Json } from '../json/json.ts';
import { prettyPrintJson, printJson } from '../json/print.ts';
import { encodeText } from '../java-text.ts';
import { parseContentType, type ContentType } from './media-type.ts';

/** A header; repeated names are repeated entries, in order. */
export type Header = readonly [name: string, value: string];

/** A request, its body read completely as pekko-http's toStrictEntity does. */
export interface GatewayRequest {
  /** Upper case. */
  readonly method: string;
  /** As pekko-http writes it again: percent-encoded, dot segments resolved, without the query. */
  readonly path: string;
  /** Without the "?"; undefined when there is none. */
  readonly query: string | undefined;
  /** Names in lower case, values as pekko-http writes them again; the entity's own headers are not among them. */
  readonly headers: readonly Header[];
  /** Undefined when there is neither a body nor a type, which is more than an empty body. */
  readonly contentType: ContentType | undefined;
  /** Empty where the body is longer than the payload limit; `bodyLength` still tells how long it was. */
  readonly body: Buffer;
  readonly bodyLength: number;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  /** Transaction id: the caller's X-Request-ID, or a new one. */
  readonly transaction: string;
}

/** A body whose type is settled, or a text whose charset the caller may choose. */
export type Entity =
  | { readonly kind: 'bytes'; readonly contentType: ContentType; readonly bytes: Buffer }
  | { readonly kind: 'text'; readonly contentType: ContentType; readonly text: string };

/** A reply; no entity is more than an empty one. */
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

/** Plain text in the charset that the caller likes best. */
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

/** A content type that is known to be one. Throws for any other. */
export function knownType(value: string): ContentType {
  const parsed = parseContentType(value);
  if (parsed === undefined) throw new TypeError(`${value} is not a media type`);
  return parsed;
}
