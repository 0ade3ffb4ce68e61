import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import cors from 'cors';
import { WebSocketServer } from 'ws';
import { readText, sendJson, sendText, urlOf } from '../http.ts';
import type { Connection } from './connection.ts';
import type { SignalRAccount } from './connection-string.ts';
import type { Hubs } from './hubs.ts';
import { audienceOf, tokenOf } from './token.ts';

/**
 * `/client/?hub=HUB`, where the clients of hubs connect, by WebSocket or server-sent events
 * (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/TransportProtocols.md).
 */
export class ClientEndpoint {
  readonly #account: SignalRAccount;
  readonly #hubs: Hubs;
  /** Connections by server-sent events, by the id under which their clients send. */
  readonly #streams = new Map<string, Connection>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1_048_576 });

  constructor(account: SignalRAccount, hubs: Hubs) {
    this.#account = account;
    this.#hubs = hubs;
  }

  /** Answers the negotiation, and serves connections by server-sent events. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await isForUs(request, response))) return;
    const hub = await this.#hubOf(request);
    const { pathname, searchParams } = urlOf(request);
    const id = searchParams.get('id') ?? '';
    if (hub === undefined) sendText(response, 401, 'The access token is missing, of another hub, or no longer valid.');
    else if (request.method === 'POST' && pathname === '/client/negotiate') sendJson(response, negotiation());
    else if (request.method === 'POST') await this.#receive(id, request, response);
    else if (request.method === 'GET' && id !== '') this.#stream(hub, id, response);
    else sendText(response, 404, 'There is nothing here for a client of a hub.');
  }

  /** Serves a connection by WebSocket. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const hub = urlOf(request).pathname.startsWith('/client') ? await this.#hubOf(request) : undefined;
    if (hub === undefined) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      const transport = {
        send: (text: string): void => {
          client.send(text);
          if (client.bufferedAmount > unreadLimit) client.terminate();
        },
        close: () => client.close(),
      };
      const { connection, leave } = this.#hubs.join(hub, transport);
      client.on('message', (data: Buffer) => connection.receive(data.toString()));
      client.on('error', () => client.terminate());
      client.once('close', leave);
    });
  }

  #stream(hub: string, id: string, response: ServerResponse): void {
    const { socket } = response.req;
    // The caller may have left while its token was read.
    if (socket.destroyed) return;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).write(':\r\n\r\n');
    const transport = {
      send: (text: string): void => {
        response.write(`data: ${text}\r\n\r\n`);
        if (response.writableLength > unreadLimit) socket.destroy();
      },
      close: () => void response.end(),
    };
    const { connection, leave } = this.#hubs.join(hub, transport);
    this.#streams.set(id, connection);
    const forget = (): void => {
      socket.off('close', forget);
      if (this.#streams.get(id) === connection) this.#streams.delete(id);
      leave();
    };
    response.once('close', forget);
    // A response that waits for an earlier one on its connection does not learn that the connection has closed.
    socket.once('close', forget);
  }

  async #receive(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const connection = this.#streams.get(id);
    connection?.receive(text);
    if (connection === undefined) sendText(response, 404, 'There is no connection of this id.');
    else response.writeHead(200).end();
  }

  /** The hub for which the client has a token. Undefined without a valid one. */
  async #hubOf(request: IncomingMessage): Promise<string | undefined> {
    const hub = urlOf(request).searchParams.get('hub') ?? '';
    const audience = await audienceOf(this.#account, tokenOf(request));
    const allowed = audience?.pathname.startsWith('/client') === true ? audience.searchParams.get('hub') : undefined;
    return hub !== '' && allowed?.toLowerCase() === hub.toLowerCase() ? hub : undefined;
  }
}

/** Bytes that may wait for a client that does not read. A client that is closed for this connects again. */
const unreadLimit = 4_194_304;

/** The pages of clients come from other hosts. The token protects the hub. */
const allowOrigins = cors({ origin: true, credentials: true });

/** Whether the request is more than the browser's question for its permission, which is answered here. */
function isForUs(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    allowOrigins(request, response, () => resolve(true));
    if (response.writableEnded) resolve(false);
  });
}

function negotiation(): object {
  const id = randomUUID();
  const availableTransports = ['WebSockets', 'ServerSentEvents'].map((transport) => ({
    transport,
    transferFormats: ['Text'],
  }));
  return { negotiateVersion: 1, connectionId: id, connectionToken: id, availableTransports };
}
