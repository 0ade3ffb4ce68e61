import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { codeOf } from '../../core/errors.ts';
import { Refusal } from './refusal.ts';
import { lingerTime } from './send-reply.ts';
import { reasonPhrase } from './status.ts';
import { parseTarget } from './target.ts';

/**
 * Options of createServer. Node's parser accepts all that pekko-http accepts; the gateway checks the limits.
 * @param idleLimit milliseconds in which the head of a request must arrive
 */
export function parserOptions(idleLimit: number): ServerOptions {
  return {
    insecureHTTPParser: true,
    requireHostHeader: false,
    requestTimeout: 0,
    headersTimeout: idleLimit,
    connectionsCheckingInterval: idleLimit / 2,
    // Enough for 64 headers of 8,192 bytes each and the request target.
    maxHeaderSize: 1_048_576,
  };
}

/**
 * Answers requests that Node's parser refuses, with pekko-http's message where it is known, after the earlier requests
 * of the connection. Unlike Node, pekko-http accepts two equal Content-Length headers.
 */
export function answerWhatNodeRefuses(server: Server, uriLimit: number): void {
  const replies = new WeakMap<Duplex, Set<ServerResponse>>();
  const remember = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const open = replies.get(socket) ?? new Set();
    replies.set(socket, open.add(response));
    response.once('close', () => open.delete(response));
  };
  server.prependListener('request', remember).prependListener('checkExpectation', remember);
  const refuseInTurn = async (socket: Duplex, refusal: Refusal): Promise<void> => {
    markRefused(socket);
    // Node reads no further from a connection with CONNECT, and has removed its listeners. The caller may leave at any time.
    socket.on('error', () => undefined).resume();
    // A request whose body is malformed gets no other answer than this one.
    const earlier = [...(replies.get(socket) ?? [])].filter(({ req }) => req.complete);
    await Promise.all(earlier.map((response) => new Promise((resolve) => response.once('close', resolve))));
    if (socket.writable) refuse(socket, refusal);
    else socket.destroy();
  };
  server.on('clientError', (error, socket) => {
    if (refused.has(socket)) return;
    if (!socket.writable || codeOf(error) === 'ECONNRESET') socket.destroy();
    else void refuseInTurn(socket, refusalFor(error, uriLimit));
  });
  server.on('connect', (_message, socket) => {
    void refuseInTurn(socket, new Refusal(400, 'CONNECT requests are not supported'));
  });
}

function refuse(socket: Duplex, { status, message }: Refusal): void {
  const body = Buffer.from(message);
  const head = [
    `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    'Content-Type: text/plain; charset=UTF-8',
    `Content-Length: ${body.length}`,
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
  closeSoon(socket);
}

/**
 * Reads what still arrives, so that the answer is not lost to a reset, and closes the connection when the caller does,
 * or after a second. Node's server no longer knows a connection after such an error, and would keep it forever.
 */
function closeSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), lingerTime);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
}

/** Marks a connection whose last answer has been sent. Errors in what still arrives on it are ignored. */
export function markRefused(socket: Duplex | null): void {
  if (socket !== null) refused.add(socket);
}

const refused = new WeakSet<Duplex>();

function refusalFor(error: Error, uriLimit: number): Refusal {
  switch (codeOf(error) ?? '') {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal(408, 'The head of the request did not arrive in time');
    case 'HPE_INVALID_METHOD':
      return new Refusal(501, 'Unsupported HTTP method');
    case 'HPE_INVALID_URL':
      return targetRefusal(packetOf(error), uriLimit);
    case 'HPE_INVALID_HEADER_TOKEN':
      return new Refusal(400, `Illegal character '${characterOf(error)}' in header name`);
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return new Refusal(400, 'HTTP message must not contain more than one Content-Length header');
    case 'HPE_INVALID_CONTENT_LENGTH':
      return new Refusal(400, 'Illegal `Content-Length` header value');
    case 'HPE_INVALID_VERSION':
    case 'HPE_INVALID_CONSTANT':
      return new Refusal(505, 'The server does not support the HTTP protocol version used in the request.');
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal(431, 'The header fields of the request are too large.');
    default:
      return new Refusal(400, error.message);
  }
}

/** Node stops at the first byte that is not ASCII, so the whole target is taken from the request line. */
function targetRefusal(packet: Buffer, uriLimit: number): Refusal {
  const [, target = ''] = packet.toString('latin1').split(/[ \r\n]/, 2);
  try {
    parseTarget(target, uriLimit);
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  return new Refusal(400, 'Illegal request-target');
}

function packetOf(error: Error): Buffer {
  return 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : Buffer.alloc(0);
}

/** The character at which Node's parser stopped. */
function characterOf(error: Error): string {
  const index = 'bytesParsed' in error && typeof error.bytesParsed === 'number' ? error.bytesParsed : 0;
  return packetOf(error).toString('latin1', index, index + 1);
}
