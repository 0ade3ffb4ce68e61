import { channel } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import type { CountingServer, MemorySocket } from './socket.ts';

/**
 * Begins a connection as a listening server does: with the server's count and time limit, and with its "connection"
 * event, by which packages follow the connections of a server.
 */
export function openConnection(server: Server, socket: MemorySocket): void {
  const counting = server as CountingServer;
  socket.server = counting;
  counting._connections += 1;
  if (server.timeout > 0) socket.setTimeout(server.timeout);
  if (server.listenerCount('connection') > 1) {
    for (const listener of server.rawListeners('connection')) {
      if (listener !== parse) Reflect.apply(listener, server, [socket]);
    }
  }
  if (opened.hasSubscribers) opened.publish({ socket });
}

/** node:http's own listener, which would read HTTP from the socket. */
const [parse] = new Server().listeners('connection');

const opened = channel('net.server.socket');
