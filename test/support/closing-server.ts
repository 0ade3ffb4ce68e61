import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

export interface ClosingServer {
  readonly port: number;
  /** Connections that came. */
  connections(): number;
  close(): void;
}

/**
 * A server that closes each connection at once, as a published port of Docker does when nothing listens behind it.
 *
 * @param closed how many connections it closes. The listener answers the requests of later ones
 */
export async function startClosingServer(
  closed = Number.POSITIVE_INFINITY,
  listener: RequestListener = () => undefined,
): Promise<ClosingServer> {
  let connections = 0;
  const answering = createHttpServer(listener);
  const server = createServer((socket) => {
    connections += 1;
    if (connections <= closed) socket.destroy();
    else answering.emit('connection', socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => {
      answering.closeAllConnections();
      server.close();
    },
  };
}
