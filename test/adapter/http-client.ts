import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { headerPairs } from '../../adapter/http/headers.ts';
import type { ClientReply, ClientRequest } from '../contract/platform-suite.ts';
import type { ChildProcess } from './adapter-process.ts';

/** Sends one HTTP request as it is written, on a connection of its own, and resolves with what stood on the wire. */
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

/** Waits until the adapter listens on this port; rejects with its last words when it ends instead. */
export async function untilListening(port: number, adapter: ChildProcess): Promise<void> {
  let ended = false;
  void adapter.exited.then(() => (ended = true));
  while (!(await accepts(port))) {
    if (ended) throw new Error(`the adapter exited: ${adapter.output().stderr}`);
    await sleep(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('close', (failed) => resolve(!failed));
    socket.once('error', () => undefined);
  });
}
