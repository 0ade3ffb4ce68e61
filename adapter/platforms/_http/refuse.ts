import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { codeOf, messageOf } from '../../../core/errors.ts';

/** Answers a malformed request and closes the connection. node:http's own answer has an empty body. */
export function refuseMalformed(socket: Duplex, error: Error, maximumHeaders: number): void {
  switch (codeOf(error) ?? '') {
    case 'HPE_HEADER_OVERFLOW':
      return refuse(
        socket,
        431,
        `the request line and headers take more than ${maximumHeaders} bytes`,
        'send less, or set MODELWHISK_HEADERS_MAX_BYTES to allow more',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse(socket, 408, 'the request did not arrive in time');
    default:
      return refuse(socket, 400, `the request is malformed: ${messageOf(error)}`);
  }
}

/** Answers on a connection without a request object, and closes it. */
export function refuse(socket: Duplex, status: number, message: string, hint?: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${JSON.stringify({ message, code: 'HTTP_REQUEST', ...(hint !== undefined && { hint }) })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  closeGently(socket);
}

/**
 * Closes a connection without losing the last bytes: those that are written are sent first, also to a slow reader. A
 * connection that is closed while bytes still arrive is reset, so these are read for a short time.
 */
export function closeGently(socket: Duplex): void {
  const destroy = (): void => void socket.destroy();
  const giveUp = setTimeout(destroy, longestSending).unref();
  socket.on('error', () => undefined).resume();
  socket.end(() => {
    clearTimeout(giveUp);
    setTimeout(destroy, patience).unref();
  });
}

/** Milliseconds. */
const longestSending = 60_000;
const patience = 1000;
