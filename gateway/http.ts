import type { IncomingMessage, ServerResponse } from 'node:http';
import Negotiator from 'negotiator';
import { prettyPrintJson, printJson, type Json } from './exact-json.ts';
import { decodeText, toLatin1 } from './java-text.ts';

/** A header as it stands on the wire; repeated names are repeated entries, in order. */
export type Header = readonly [name: string, value: string];

/** A request, its body read completely as pekko-http's toStrictEntity does. */
export interface GatewayRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Without the "?"; undefined when there is none. */
  readonly query: string | undefined;
  /** Names in lower case. */
  readonly headers: readonly Header[];
  /** Empty where the body is longer than the payload limit; `bodyLength` still tells how long it was. */
  readonly body: Buffer;
  readonly bodyLength: number;
  /** Whether there is an entity at all, which an empty chunked body is and a `Content-Length: 0` is not. */
  readonly hasEntity: boolean;
  /** Transaction id: the caller's X-Request-ID, or a new one. */
  readonly transaction: string;
}

/** A reply; `contentType` undefined means an empty entity. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

export function emptyReply(status: number, headers: readonly Header[] = []): Reply {
  return { status, headers, contentType: undefined, body: Buffer.alloc(0) };
}

export function textReply(status: number, contentType: string, text: string, headers: readonly Header[] = []): Reply {
  return { status, headers, contentType, body: Buffer.from(text) };
}

/** JSON as the REST API writes it, without white space. */
export function jsonReply(status: number, value: Json, headers: readonly Header[] = []): Reply {
  return textReply(status, 'application/json', printJson(value), headers);
}

/** JSON as web actions write it, on several lines. */
export function prettyJsonReply(status: number, value: Json, headers: readonly Header[] = []): Reply {
  return textReply(status, 'application/json', prettyPrintJson(value), headers);
}

export function withHeaders(headers: readonly Header[], reply: Reply): Reply {
  return { ...reply, headers: [...headers, ...reply.headers] };
}

/** The last value of a header; pekko-http's rule for repeated names. `name` in lower case. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.findLast(([candidate]) => candidate === name)?.[1];
}

/** Whether the caller's Accept header admits the type; everything is admitted where there is none. */
export function isAccepted(request: GatewayRequest, contentType: string): boolean {
  const accept = request.headers.filter(([name]) => name === 'accept').map(([, value]) => value);
  if (accept.length === 0) return true;
  const mediaType = contentType.replace(/;.*$/s, '');
  return new Negotiator({ headers: { accept: accept.join(', ') } }).mediaTypes([mediaType]).length > 0;
}

/** Reads a request to its end, keeping no more than `payloadLimit` bytes of its body. */
export async function readRequest(
  message: IncomingMessage,
  transaction: string,
  payloadLimit: number,
): Promise<GatewayRequest> {
  const chunks: Buffer[] = [];
  let bodyLength = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bodyLength += chunk.length;
    if (bodyLength <= payloadLimit) chunks.push(chunk);
  }
  const [path = '', ...query] = (message.url ?? '/').split('?');
  return {
    method: (message.method ?? 'GET').toUpperCase(),
    path,
    query: query.length === 0 ? undefined : query.join('?'),
    headers: headersOf(message),
    body: bodyLength <= payloadLimit ? Buffer.concat(chunks) : Buffer.alloc(0),
    bodyLength,
    hasEntity: bodyLength > 0 || message.headers['transfer-encoding'] !== undefined,
    transaction,
  };
}

/** Writes a reply; the body of a reply to HEAD is counted but not sent. */
export function sendReply(response: ServerResponse, reply: Reply, method: string | undefined): void {
  const bodyAllowed = ![204, 205, 304].includes(reply.status);
  const body = bodyAllowed ? reply.body : Buffer.alloc(0);
  const headers = reply.headers.flatMap(([name, value]) => [name, toLatin1(value)]);
  if (reply.contentType !== undefined && bodyAllowed) headers.push('Content-Type', toLatin1(reply.contentType));
  if (reply.status !== 204 && reply.status !== 304) headers.push('Content-Length', String(body.byteLength));
  response.writeHead(reply.status, headers);
  response.end(method === 'HEAD' ? undefined : body);
}

function headersOf(message: IncomingMessage): Header[] {
  const headers: Header[] = [];
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(index, index + 2);
    headers.push([name.toLowerCase(), decodeText(Buffer.from(value, 'latin1'))]);
  }
  return headers;
}
