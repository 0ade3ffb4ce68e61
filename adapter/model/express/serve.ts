import { channel } from 'node:diagnostics_channel';
import { IncomingMessage, METHODS, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { ModelRequest } from '../../http/message.ts';
import { requestHeaders } from '../request-headers.ts';
import type { AppServer } from './app-server.ts';
import type { CallScope } from './call-scope.ts';
import { openConnection } from './open-connection.ts';
import { endBody, type Incoming, sendBody } from './send-body.ts';
import type { MemorySocket } from './socket.ts';

/**
 * Passes a request to a server as node:http does after parsing, with the same events in the same order
 * (connectionListener and parserOnIncoming in Node's lib/_http_server.js). Closes the connection when the reply is
 * written and the request has arrived, like a client without further requests.
 */
export function serve(app: AppServer, request: ModelRequest, socket: MemorySocket, scope: CallScope): void {
  const { server } = app;
  scope.run(() => openConnection(server, socket));
  if (socket.destroyed) return;
  if (!methods.has(request.method)) {
    refuse(server, socket, scope);
    return;
  }
  // As without a listener to "connect": a tunnel needs a connection of its own.
  if (request.method === 'CONNECT') {
    socket.destroy();
    return;
  }
  const incoming = createIncoming(app, request, socket);
  const { rejectNonStandardBodyWrites } = server as ServerOptions;
  const outgoing = new app.Response(incoming, { rejectNonStandardBodyWrites }) as OutgoingMessage;
  let isReplied = false;
  const closeAfterRequest = (): void => {
    if (isReplied && incoming.complete) socket.hangUp();
  };
  socket.on('timeout', () => {
    const byRequest = !isReplied && !incoming.complete && incoming.emit('timeout', socket);
    const byReply = !isReplied && outgoing.emit('timeout', socket);
    const byServer = server.emit('timeout', socket);
    if (!byRequest && !byReply && !byServer) socket.destroy();
  });
  socket.on('drain', () => emitDrain(outgoing));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (!isReplied) incoming.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  });
  outgoing.shouldKeepAlive = true;
  requestStart.publish({ request: incoming, response: outgoing, socket, server });
  outgoing.assignSocket(socket);
  outgoing.on('finish', () => {
    responseFinish.publish({ request: incoming, response: outgoing, socket, server });
    isReplied = true;
    if (detachSignal !== undefined) Reflect.apply(detachSignal, incoming, []);
    if (!incoming._consuming && !incoming._readableState.resumeScheduled) incoming._dump();
    outgoing.detachSocket(socket);
    process.nextTick(() => {
      emitClose(outgoing);
      closeAfterRequest();
    });
    if (outgoing._last) socket.destroySoon();
  });
  const { body } = request;
  if (Buffer.isBuffer(body)) socket.received(body.length);
  scope.run(() => server.emit('request', incoming, outgoing));
  if (!Buffer.isBuffer(body)) {
    sendBody(body, incoming, socket, scope, closeAfterRequest);
  } else if (body.length === 0) {
    endBody(incoming, []);
  } else {
    incoming.push(body);
    // Node's parser ends the request after the handler's next-tick work, such as the finish of its reply.
    process.nextTick(() => {
      if (!incoming.destroyed) endBody(incoming, []);
      closeAfterRequest();
    });
  }
}

const methods = new Set(METHODS);
const requestStart = channel('http.server.request.start');
const responseFinish = channel('http.server.response.finish');

/** A method since Node.js 24, after which the end of the connection no longer aborts `request.signal`. */
const detachSignal = Object.getOwnPropertySymbols(IncomingMessage.prototype)
  .filter(({ description }) => description === 'kDetachAbortSignal')
  .map((symbol) => Reflect.get(IncomingMessage.prototype, symbol) as () => void)
  .at(0);

/** Answers a request that Node's parser would not understand, unless the server has a listener for that. */
function refuse(server: Server, socket: MemorySocket, scope: CallScope): void {
  const error = Object.assign(new Error('Parse Error: Invalid method encountered'), { code: 'HPE_INVALID_METHOD' });
  scope.run(() => {
    if (server.emit('clientError', error, socket)) return;
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
}

/** Members of node:http's message that are missing in the public types. */
interface OutgoingMessage extends ServerResponse {
  readonly _last: boolean;
  _closed: boolean;
  destroyed: boolean;
}

function createIncoming(app: AppServer, request: ModelRequest, socket: MemorySocket): Incoming {
  const incoming = new app.Request(socket) as Incoming;
  incoming.httpVersionMajor = 1;
  incoming.httpVersionMinor = 1;
  incoming.httpVersion = '1.1';
  incoming.method = request.method;
  incoming.url = request.query === '' ? request.path : `${request.path}?${request.query}`;
  incoming.upgrade = false;
  incoming.joinDuplicateHeaders = (app.server as ServerOptions).joinDuplicateHeaders ?? null;
  const lines = [...requestHeaders(request, 'model'), 'Connection', 'keep-alive'];
  incoming._addHeaderLines(lines, lines.length);
  socket.head = { method: incoming.method, url: incoming.url, headers: lines };
  return incoming;
}

/** Node.js keeps the waiting state under a symbol and resets it before the event, so this does as well. */
function emitDrain(outgoing: OutgoingMessage): void {
  if (!outgoing.writableNeedDrain) return;
  const waiting = Object.getOwnPropertySymbols(outgoing).find(({ description }) => description === 'kNeedDrain');
  if (waiting !== undefined) Object.assign(outgoing, { [waiting]: false });
  outgoing.emit('drain');
}

function emitClose(outgoing: OutgoingMessage): void {
  if (outgoing._closed) return;
  outgoing.destroyed = true;
  outgoing._closed = true;
  outgoing.emit('close');
}
