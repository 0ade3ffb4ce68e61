import { validateHeaderName, validateHeaderValue, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { encodeText, toLatin1 } from '../java-text.ts';
import { renderContentType } from './media-type.ts';
import type { Entity, Header, Reply } from './message.ts';
import { allowsEntity, reasonPhrase } from './status.ts';

/** Sends a reply as pekko-http does. A reply to HEAD has the length of the body, but not the body. */
export function sendReply(response: ServerResponse, reply: Reply, method: string | undefined): void {
  const { status } = reply;
  const entity = allowsEntity(status) && reply.entity !== undefined ? settled(reply.entity) : undefined;
  const bytes = entity?.bytes ?? Buffer.alloc(0);
  const lines = reply.headers.map(([name, value]) => [toLatin1(name), toLatin1(value)] as const).filter(isOneLine);
  if (entity !== undefined) lines.push(['Content-Type', toLatin1(renderContentType(entity.contentType))]);
  if (allowsEntity(status)) lines.push(['Content-Length', String(bytes.length)]);
  const body = method === 'HEAD' ? undefined : bytes;
  if (status >= 200 && lines.every(isOrdinary)) sendOrdinary(response, status, lines, body);
  else sendVerbatim(response, status, lines, body);
}

/** A text without a negotiated charset is sent as UTF-8. */
function settled(entity: Entity): Extract<Entity, { kind: 'bytes' }> {
  if (entity.kind === 'bytes') return entity;
  const contentType = { media: entity.contentType.media, charset: 'UTF-8' };
  return { kind: 'bytes', contentType, bytes: encodeText(entity.text) };
}

/** pekko-http drops a header with a line break, and checks nothing else. */
function isOneLine([name, value]: Header): boolean {
  return !/[\r\n]/.test(name + value);
}

/** Whether Node writes the header without an error and without side effects. */
function isOrdinary([name, value]: Header): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return !['trailer', 'expect'].includes(name.toLowerCase());
  } catch {
    return false;
  }
}

function sendOrdinary(
  response: ServerResponse,
  status: number,
  lines: readonly Header[],
  body: Buffer | undefined,
): void {
  if (!allowsEntity(status)) {
    // Node would add one of them.
    response.removeHeader('Content-Length');
    response.removeHeader('Transfer-Encoding');
  }
  response.writeHead(status, reasonPhrase(status), lines.flat());
  endReply(response, allowsEntity(status) ? body : undefined);
}

/**
 * Ends a reply whose head has been written. If the caller is still sending and the connection is to be closed, the rest
 * of the request is read first, for a second at most, because closing at once would reset the connection, and the caller
 * might lose the reply.
 */
export function endReply(response: ServerResponse, body: string | Uint8Array = ''): void {
  const { req: message } = response;
  if (message.complete || response.shouldKeepAlive) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  if (body.length > 0) response.write(body);
  const timer = setTimeout(() => response.end(), lingerTime);
  response.once('close', () => clearTimeout(timer));
  message.once('end', () => response.end()).resume();
}

/** Milliseconds for which what a caller still sends is read, before its connection is closed. */
export const lingerTime = 1000;

/** Writes to the socket what Node refuses to write, and closes the connection. */
function sendVerbatim(
  response: ServerResponse,
  status: number,
  lines: readonly Header[],
  body: Buffer | undefined,
): void {
  const head = [
    `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  const write = (socket: Socket): void => void socket.end(Buffer.concat([bytes, body ?? Buffer.alloc(0)]));
  // A reply gets its socket when the earlier replies on the connection have ended.
  if (response.socket === null) response.once('socket', write);
  else write(response.socket);
}
