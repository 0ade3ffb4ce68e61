import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { urlOf } from '../http.ts';
import { type Listening, listen } from '../listen.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { SignalRAccount } from './connection-string.ts';
import { Hubs } from './hubs.ts';
import { answerRest } from './rest.ts';

/**
 * Stands in for Azure's SignalR service in serverless mode, at the address of `account`. Clients come by WebSocket or
 * server-sent events with SignalR's JSON protocol; programs send to all clients of a hub by the REST API. Both need a
 * token that is signed with the account's key. Rejects with ModelwhiskError if the address is in use.
 */
export async function startSignalR(account: SignalRAccount): Promise<Listening> {
  const hubs = new Hubs();
  const clients = new ClientEndpoint(account, hubs);
  const server = createServer((request, response) => {
    const isClient = urlOf(request).pathname.startsWith('/client');
    const answered = isClient ? clients.answer(request, response) : answerRest(request, response, account, hubs);
    // The caller closed the connection while it was sending.
    answered.catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    clients.upgrade(request, socket, head).catch(() => socket.destroy());
  });
  const { hostname, port } = new URL(account.endpoint);
  const { close } = await listen(server, Number(port || 80), hostname).catch((error: unknown) => {
    hubs.close();
    throw error;
  });
  return {
    url: account.endpoint,
    close: async () => {
      hubs.close();
      await close();
    },
  };
}
