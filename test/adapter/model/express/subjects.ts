import { once } from 'node:events';
import { Agent, createServer, Server, request as sendRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { ModelServerError } from '../../../../adapter/errors.ts';
import { streamOf } from '../../../../adapter/http/body.ts';
import { headerPairs } from '../../../../adapter/http/headers.ts';
import type { Body, Header } from '../../../../adapter/http/message.ts';
import { createAppServer } from '../../../../adapter/model/express/app-server.ts';
import type { RequestHandler } from '../../../../adapter/model/express/request-handler.ts';
import { callInMemory } from '../../../../adapter/model/express/transport.ts';
import { requestHeaders } from '../../../../adapter/model/request-headers.ts';

/** A request for an app. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: Body;
}

/** The beginning of a reply. */
export interface Opened {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly stream: Readable;
  /** Complete when the stream has ended. */
  readonly trailers: () => readonly Header[];
}

/** A call on its way. */
export interface Started {
  /** Rejects if the connection is closed before a reply. */
  readonly opened: Promise<Opened>;
  /** Disconnects the caller. */
  abandon(): void;
}

/** A way to call an app. */
export type Subject = (app: RequestHandler, sent: Sent) => Promise<Started>;

/** An app behind a port, as the reference for Node.js's behaviour. */
export const listening: Subject = async (app, sent) => {
  const server = app instanceof Server ? app : createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Not earlier, because a server that is closed destroys its idle connections.
  server.on('connection', (socket) => socket.on('close', () => server.close()));
  // keepAlive, because otherwise the agent sends "Connection: close".
  const agent = new Agent({ keepAlive: true });
  const outgoing = sendRequest({
    agent,
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    method: sent.method,
    path: pathOf(sent),
    headers: requestHeaders(withLimits(sent), 'model'),
  });
  const opened = new Promise<Opened>((fulfil, reject) => {
    outgoing.on('error', reject).on('response', (incoming: IncomingMessage) => {
      // It may fail before a listener is added.
      incoming.on('error', () => undefined);
      // A body that ends with its connection would otherwise end regularly by a reset.
      outgoing.on('error', (error) => incoming.complete || incoming.destroy(error));
      fulfil({
        status: incoming.statusCode ?? 0,
        headers: headerPairs(incoming.rawHeaders),
        stream: incoming,
        trailers: () => headerPairs(incoming.rawTrailers),
      });
    });
  });
  outgoing.on('close', () => agent.destroy());
  if (Buffer.isBuffer(sent.body)) outgoing.end(sent.body);
  else sent.body.stream.pipe(outgoing);
  return { opened, abandon: () => outgoing.destroy() };
};

/** The same app in this process. */
export const inProcess: Subject = (app, sent) => {
  const { reply, reader } = callInMemory(createAppServer(app), withLimits(sent));
  const opened = reply.then(({ status, headers, body }) => ({
    status,
    headers,
    stream: streamOf(body),
    trailers: () => (Buffer.isBuffer(body) ? [] : (body.trailers?.() ?? [])),
  }));
  return Promise.resolve({ opened, abandon: () => reader.fail(new ModelServerError('MODEL_TIMEOUT', 'given up')) });
};

function withLimits(sent: Sent): Sent & { signal: AbortSignal; deadline: number } {
  return { ...sent, signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
}

function pathOf({ path, query }: Sent): string {
  return query === '' ? path : `${path}?${query}`;
}
