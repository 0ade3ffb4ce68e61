import { Server } from 'node:http';
import type { MemorySocket } from './socket.ts';

/**
 * Begins a connection as a listening server does: with the server's time limit, and with its "connection" event, by
 * which packages follow the connections of a server.
 */
export function openConnection(server: Server, socket: MemorySocket): void {
  Object.assign(socket, { server });
  if (server.timeout > 0) socket.setTimeout(server.timeout);
  if (server.listenerCount('connection') === 1) return;
  for (const listener of server.rawListeners('connection')) {
    if (listener !== parse) Reflect.apply(listener, server, [socket]);
  }
}

/** node:http's own listener, which would read HTTP from the socket. */
const [parse] = new Server().listeners('connection');
