import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/** A web server for the page's folder, and a hub that the page connects to. */
export interface Hub {
  readonly url: string;
  /** Calls a method of every connected page. */
  send(target: string, argument: object): void;
  close(): Promise<void>;
}

/**
 * Serves a folder, and stands for the function app and the Azure SignalR service of a page: the negotiation, and a hub
 * with server-sent events. It follows dotnet/aspnetcore, src/SignalR/docs/specs: TransportProtocols.md and
 * HubProtocol.md.
 */
export async function startHub(folder: string): Promise<Hub> {
  const streams = new Set<ServerResponse>();
  const server = createServer((incoming, outgoing) => serve(folder, streams, incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: (target, argument) => {
      for (const stream of streams) stream.write(event({ type: 1, target, arguments: [argument] }));
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(
  folder: string,
  streams: Set<ServerResponse>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const { pathname } = new URL(incoming.url ?? '', 'http://x');
  switch (`${incoming.method} ${pathname}`) {
    case 'POST /api/negotiate':
      return json(outgoing, { url: `http://${incoming.headers.host}/hub?hub=results`, accessToken: 'ey.J0' });
    case 'POST /hub/negotiate':
      return json(outgoing, {
        connectionId: '1',
        connectionToken: '1',
        negotiateVersion: 1,
        availableTransports: [{ transport: 'ServerSentEvents', transferFormats: ['Text'] }],
      });
    case 'GET /hub':
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\r\n\r\n');
      streams.add(outgoing);
      outgoing.once('close', () => streams.delete(outgoing));
      return undefined;
    case 'POST /hub':
      // Answers the page's handshake on its stream. Later pings need no answer.
      incoming.setEncoding('utf8').once('data', (text: string) => {
        if (text.includes('"protocol"')) for (const stream of streams) stream.write(event({}));
      });
      outgoing.end();
      return undefined;
    default:
      return file(folder, pathname, outgoing);
  }
}

function event(message: object): string {
  return `data: ${JSON.stringify(message)}\u001E\r\n\r\n`;
}

function json(outgoing: ServerResponse, value: object): void {
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function file(folder: string, pathname: string, outgoing: ServerResponse): void {
  const path = join(folder, pathname === '/' ? 'index.html' : pathname);
  if (!existsSync(path)) {
    outgoing.writeHead(404).end();
    return;
  }
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  outgoing.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
  createReadStream(path).pipe(outgoing);
}
