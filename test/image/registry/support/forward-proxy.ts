import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface ForwardProxy {
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  /** First line and credentials of every request: "CONNECT registry.example.test:443 Basic …". */
  readonly seen: readonly string[];
  readonly close: () => Promise<void>;
}

/** A proxy as in a company's network. It forwards all hosts to `upstream`. */
export async function startForwardProxy(upstream: string, credentials?: string): Promise<ForwardProxy> {
  const seen: string[] = [];
  const wanted = credentials === undefined ? '' : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const isWelcome = ({ method, url, headers }: http.IncomingMessage): boolean => {
    const given = headers['proxy-authorization'] ?? '';
    seen.push(`${method} ${url} ${given}`.trim());
    return given === wanted;
  };
  const server = http.createServer((request, response) => {
    if (!isWelcome(request)) return void response.writeHead(407).end();
    const { pathname, search } = new URL(request.url ?? '');
    const { method, headers } = request;
    const forwarded = http.request(`http://${upstream}${pathname}${search}`, { method, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    forwarded.once('error', () => response.destroy());
    request.pipe(forwarded);
  });
  server.on('connect', (request, client) => {
    if (!isWelcome(request)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const { hostname, port } = new URL(`http://${upstream}`);
    const tunnel = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(client).pipe(tunnel);
    });
    for (const end of [tunnel, client]) end.on('error', () => [tunnel, client].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
