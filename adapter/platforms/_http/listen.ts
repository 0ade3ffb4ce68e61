import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listenOn } from '../../http/listen-on.ts';
import { ignore } from '../../http/read-stream.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { closeGently, refuse, refuseMalformed } from './refuse.ts';
import { opensWebSocket, UpgradeReply, withoutUpgrade } from './upgrade.ts';

/**
 * Serves HTTP on the configured port until closed. Closing stops accepting connections, lets the calls in progress
 * finish, each with `Connection: close`, and drops connections that wait for a next request. WebSockets end with the
 * model server, which is closed once the calls have ended.
 *
 * Rejects if the model server did not start, because such platforms use the exit code and the log.
 *
 * @param address to listen on without MODELWHISK_ADDRESS. Default: every address, including IPv6
 */
export async function listen(
  context: PlatformContext,
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  address?: string,
): Promise<RunningPlatform> {
  if (context.startFailure !== undefined) {
    await context.model.close();
    throw context.startFailure;
  }
  const inProgress = new Set<ServerResponse>();
  // Node's closeIdleConnections misses connections before their first request, which load balancers open early.
  const idle = new Set<Socket>();
  const known = new WeakSet<Socket>();
  // Replies that wait for the earlier ones on their connection. node:http does not close them with it.
  const queued = new Set<ServerResponse>();
  const { port, maximumHeaders } = context.configuration;
  const options = {
    keepAliveTimeout,
    maxHeaderSize: maximumHeaders,
    // Node.js would cut off a body that takes more than five minutes. Calls have their own time limit.
    requestTimeout: 0,
    // Unknown to Node.js before 24.9, see withoutUpgrade.
    shouldUpgradeCallback: opensWebSocket,
  };
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    idle.delete(socket);
    inProgress.add(outgoing);
    if (outgoing.socket === null) {
      queued.add(outgoing);
      outgoing.once('socket', () => queued.delete(outgoing));
    }
    outgoing.once('close', () => {
      inProgress.delete(outgoing);
      if (socket.destroyed) return;
      if (server.listening) idle.add(socket);
      // The head of a stream that began before the server closed has promised a next call.
      else if (!socket.writableEnded && repliesOn(socket, inProgress).length === 0) closeGently(socket);
    });
    outgoing.shouldKeepAlive &&= server.listening;
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  };
  const server = createServer(options, answer);
  // 100 (Continue) is sent when the body is read, so that a refusal comes instead of it (RFC 9110, section 10.1.1).
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { shouldKeepAlive } = outgoing;
    // After a refusal, some callers send the body and others do not.
    outgoing.shouldKeepAlive = false;
    incoming.once('resume', () => {
      if (outgoing.headersSent) return;
      outgoing.shouldKeepAlive = shouldKeepAlive && server.listening;
      outgoing.writeContinue();
    });
    answer(incoming, outgoing);
  });
  const upgrade = async (incoming: IncomingMessage, head: Buffer): Promise<void> => {
    const { socket } = incoming;
    socket.unshift(head);
    await repliedTo(socket, inProgress);
    if (socket.destroyed) return;
    if (opensWebSocket(incoming)) answer(incoming, new UpgradeReply(incoming));
    else withoutUpgrade(server, incoming);
  };
  server.on('upgrade', (incoming, _socket, head) => void upgrade(incoming, head));
  server.on('connection', (socket) => {
    idle.add(socket);
    // A connection may be emitted again, see withoutUpgrade.
    if (!known.has(socket)) {
      socket.once('close', () => {
        idle.delete(socket);
        for (const outgoing of repliesOn(socket, queued)) {
          queued.delete(outgoing);
          outgoing.destroy().emit('close');
        }
      });
    }
    known.add(socket);
  });
  // Without a listener, node:http drops the connection without a reply (RFC 9110, section 9.3.6).
  server.on('connect', (_incoming, socket) => {
    void repliedTo(socket, inProgress).then(() => refuse(socket, 400, 'CONNECT opens a tunnel, and this is no proxy'));
  });
  server.on('clientError', (error, socket) => {
    // During a reply, a second reply would become part of the first.
    if (idle.has(socket as Socket) || isBodyOfOnly(socket, inProgress)) refuseMalformed(socket, error, maximumHeaders);
    else socket.destroy();
  });
  listenOn(server, port, context.configuration.address ?? address);
  await once(server, 'listening');
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // The last reply on each connection closes it.
      const last = new Map([...inProgress].map((outgoing) => [outgoing.req.socket, outgoing]));
      for (const outgoing of last.values()) outgoing.shouldKeepAlive = false;
      for (const socket of idle) socket.destroy();
      await Promise.all([...inProgress].map((outgoing) => whenAnswered(outgoing)));
      // Only WebSockets are left. The model server closes them properly.
      if (inProgress.size > 0) await context.model.close();
      for (const { req } of inProgress) req.socket.setTimeout(longestStall, () => req.socket.destroy());
      await closed;
    },
  };
}

/** Those of these replies that are on a connection, in the order of their requests. */
function repliesOn(socket: Duplex, replies: ReadonlySet<ServerResponse>): readonly ServerResponse[] {
  return [...replies].filter(({ req }) => req.socket === socket);
}

/** Whether what arrives on a connection belongs to the body of its only request, and nothing is replied yet. */
function isBodyOfOnly(socket: Duplex, inProgress: ReadonlySet<ServerResponse>): boolean {
  const [first, ...others] = repliesOn(socket, inProgress);
  return first !== undefined && others.length === 0 && !first.req.complete && !first.headersSent;
}

/**
 * Resolves once the earlier requests on a connection that node:http has detached are answered, because replies go out in
 * the order of their requests.
 */
async function repliedTo(socket: Duplex, inProgress: ReadonlySet<ServerResponse>): Promise<void> {
  const earlier = repliesOn(socket, inProgress);
  const drain = (): void => {
    for (const outgoing of earlier) outgoing.emit('drain');
  };
  // node:http has removed its own listeners. The caller may reset the connection meanwhile.
  socket.on('error', ignore).on('drain', drain);
  await Promise.all(earlier.map((outgoing) => whenAnswered(outgoing)));
  // A connection may have any number of such requests. Once destroyed, it may still emit its error.
  if (!socket.destroyed) socket.off('error', ignore).off('drain', drain);
}

/** Resolves once the reply has ended, or has switched protocols, because such a connection may stay open for hours. */
function whenAnswered(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing instanceof UpgradeReply && outgoing.hasSwitched) resolve();
    outgoing.once('close', resolve).once('switched', resolve);
  });
}

/** Longer than load balancers keep idle connections (Google's: 600 s), so that they never use a closed connection. */
const keepAliveTimeout = 620_000;

/** Milliseconds in which a caller must read some of what its WebSocket still has for it when the process stops. */
const longestStall = 3000;
