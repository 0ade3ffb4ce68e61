import { request as httpRequest } from 'node:http';
import { headerPairs } from '../../adapter/http/headers.ts';
import type { ClientReply, ClientRequest } from '../contract/platform-client.ts';

/** Sends one HTTP request unchanged on a new connection. Resolves with the reply as sent. */
export function sendHttp(
  port: number,
  request: Omit<ClientRequest, 'timeLimit'>,
  host = '127.0.0.1',
): Promise<ClientReply> {
  const { method, path, query, body } = request;
  const headers = [['Host', `${host}:${port}`], ...request.headers].flat();
  if (body.length > 0 || !['GET', 'HEAD'].includes(method)) headers.push('Content-Length', String(body.length));
  return new Promise((resolve, reject) => {
    const target = query === '' ? path : `${path}?${query}`;
    const outgoing = httpRequest({ host, port, method, path: target, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: headerPairs(incoming.rawHeaders),
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(body);
  });
}

/** A GET without a query, headers and a body, for sendHttp. */
export function getRequest(path: string): ClientRequest {
  return { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0), timeLimit: 10_000 };
}
