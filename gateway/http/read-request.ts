import type { IncomingMessage } from 'node:http';
import { EntityHeaders } from './entity-headers.ts';
import { readHeaderLines } from './header-lines.ts';
import { renderSomeTokens } from './header-values/token-lists.ts';
import { renderKnownHeader } from './header-values/known.ts';
import { parseHostAndPort, renderHostAndPort } from './header-values/uri.ts';
import type { ContentType } from './media-type.ts';
import { octetStream, type GatewayRequest, type Header } from './message.ts';
import { Refusal } from './refusal.ts';
import { parseTarget, targetAuthority } from './target.ts';
import { joined, Parts } from '../../core/http/parts.ts';

export interface RequestLimits {
  /** Longest request target, in bytes. */
  readonly uriLimit: number;
  /** Longest body to keep, in bytes. */
  readonly payloadLimit: number;
  /** Milliseconds without a byte of a body after which the connection is closed. */
  readonly idleLimit: number;
}

export type BodyLimits = Pick<RequestLimits, 'payloadLimit' | 'idleLimit'>;

/** The request without its body. */
export type RequestHead = Pick<GatewayRequest, 'method' | 'path' | 'query' | 'headers'> & {
  readonly contentType: ContentType | undefined;
  readonly isChunked: boolean;
};

/**
 * Reads the head of a request by pekko-http's rules and in its order of checks (HttpRequestParser.scala,
 * HttpMessageParser.scala). Throws Refusal if pekko-http refuses the request.
 */
export function readHead(message: IncomingMessage, { uriLimit }: RequestLimits): RequestHead {
  const method = message.method ?? '';
  if (!methods.has(method)) throw new Refusal(501, 'Unsupported HTTP method');
  const target = message.url ?? '';
  const { path, query } = parseTarget(target, uriLimit);
  if (!['1.0', '1.1'].includes(message.httpVersion)) throw new Refusal(505, unknownVersion);
  const entity = new EntityHeaders();
  const headers = readHeaderLines(message.rawHeaders)
    .filter((line) => !entity.take(line))
    .map(renderHeader);
  const { contentType, isChunked } = entity.check(method);
  checkHost(headers, target, message.httpVersion);
  return { method, path, query, headers: visible(headers), contentType, isChunked };
}

/** Reads the body to its end, but keeps it only up to the payload limit. Rejects if the caller leaves or stops to send. */
export async function readBody(
  message: IncomingMessage,
  { payloadLimit, idleLimit }: BodyLimits,
): Promise<Pick<GatewayRequest, 'body' | 'bodyLength'>> {
  const parts = new Parts();
  let bodyLength = 0;
  message.setTimeout(idleLimit);
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bodyLength += chunk.length;
    if (bodyLength <= payloadLimit) parts.add(chunk);
  }
  message.setTimeout(0);
  return { body: bodyLength <= payloadLimit ? joined(parts.take()) : Buffer.alloc(0), bodyLength };
}

/** Whether the caller closed the connection while it was sending. */
export function hasLeft({ errored, destroyed, complete }: IncomingMessage): boolean {
  return Boolean(errored) || (destroyed && !complete);
}

/** The entity's type. The default for a body is application/octet-stream. */
export function entityType({ contentType, isChunked }: RequestHead, bodyLength: number): ContentType | undefined {
  return contentType ?? (isChunked || bodyLength > 0 ? octetStream : undefined);
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);
const unknownVersion = 'The server does not support the HTTP protocol version used in the request.';

function renderHeader([name, value]: Header): Header {
  return [name, renderKnownHeader(name.toLowerCase(), value) ?? value];
}

function checkHost(headers: readonly Header[], target: string, version: string): void {
  const given = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const host = given === undefined ? undefined : parseHostAndPort(given);
  if (host === undefined) {
    if (version === '1.0') return;
    throw new Refusal(400, 'Request is missing required `Host` header');
  }
  const authority = targetAuthority(target);
  if (authority === undefined && host.host === '') {
    const problem = 'request has a relative URI and an empty `Host` header';
    throw new Refusal(400, `Cannot establish effective URI of request to \`${target}\`, ${problem}`);
  }
  const named = authority === undefined ? host : parseHostAndPort(authority);
  if (named === undefined || renderHostAndPort(named) !== renderHostAndPort(host)) {
    throw new Refusal(400, `'Host' header value of request to \`${target}\` doesn't match request target authority`);
  }
}

/** The headers that the controller sees: only the first well-formed Connection, and not its own internal headers. */
function visible(headers: readonly Header[]): Header[] {
  const connections = headers.filter(([name, value]) => isConnection(name) && renderSomeTokens(value) !== undefined);
  return headers
    .filter((header) => !connections.slice(1).includes(header))
    .filter(([name]) => name !== 'Timeout-Access' && name.toLowerCase() !== 'x-ow-extra-logging')
    .map(([name, value]) => [name.toLowerCase(), value]);
}

function isConnection(name: string): boolean {
  return name.toLowerCase() === 'connection';
}
