import { validateHeaderName, validateHeaderValue, type ServerResponse } from 'node:http';
import { encodeText, toLatin1 } from '../java-text.ts';
import { renderContentType } from './media-type.ts';
import type { Entity, Header, Reply } from './message.ts';
import { allowsEntity, reasonPhrase } from './status.ts';

/** Writes a reply as pekko-http does; the body of a reply to HEAD is counted but not sent. */
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

/** A text of which nobody has chosen the charset goes out as UTF-8. */
function settled(entity: Entity): Extract<Entity, { kind: 'bytes' }> {
  if (entity.kind === 'bytes') return entity;
  const contentType = { media: entity.contentType.media, charset: 'UTF-8' };
  return { kind: 'bytes', contentType, bytes: encodeText(entity.text) };
}

/** pekko-http leaves out a header that would be two, and checks nothing else. */
function isOneLine([name, value]: Header): boolean {
  return !/[\r\n]/.test(name + value);
}

/** Whether Node writes the header, and by itself changes nothing else for it. */
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
    // Node would add the one or the other.
    response.removeHeader('Content-Length');
    response.removeHeader('Transfer-Encoding');
  }
  response.writeHead(status, reasonPhrase(status), lines.flat());
  response.end(allowsEntity(status) ? body : undefined);
}

/** What Node refuses to write goes to the connection directly, which ends with it. */
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
  response.socket?.end(Buffer.concat([bytes, body ?? Buffer.alloc(0)]));
}
