import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { refuse, refuseMalformed } from './refuse.ts';

/**
 * Serves HTTP on the configured port until closed. Closing stops accepting connections, lets the calls in progress
 * finish, each with `Connection: close`, and drops connections that wait for a next request.
 *
 * A model server that did not start is thrown: such platforms look at the exit code and the log.
 *
 * @param address to listen on where MODELWHISK_ADDRESS names none. Default: every address, IPv6 ones included
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
  // Node's closeIdleConnections overlooks those that load balancers open ahead of the first request.
  const idle = new Set<Socket>();
  const { port, maximumHeaders } = context.configuration;
  const options = { keepAliveTimeout, maxHeaderSize: maximumHeaders };
  const server = createServer(options, (incoming, outgoing) => {
    const { socket } = incoming;
    idle.delete(socket);
    inProgress.add(outgoing);
    outgoing.once('close', () => {
      inProgress.delete(outgoing);
      if (!socket.destroyed) idle.add(socket);
    });
    outgoing.shouldKeepAlive &&= server.listening;
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  // Without a listener, node:http drops the connection without a word (RFC 9110, section 9.3.6).
  server.on('connect', (_incoming, socket) => refuse(socket, 400, 'CONNECT opens a tunnel, and this is no proxy'));
  server.on('clientError', (error, socket) => {
    // In the middle of a reply, another one would be taken for a part of it.
    if (!idle.has(socket as Socket)) socket.destroy();
    else refuseMalformed(socket, error, maximumHeaders);
  });
  server.listen(port, context.configuration.address ?? address);
  await once(server, 'listening');
  return {
    close: async () => {
      server.close();
      for (const outgoing of inProgress) outgoing.shouldKeepAlive = false;
      for (const socket of idle) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Longer than the load balancers in front keep theirs (Google's: 600 s), so that they never use a closed one. */
const keepAliveTimeout = 620_000;
