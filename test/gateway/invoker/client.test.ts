import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { postToContainer, type ContainerReply, type PostOptions } from '../../../gateway/invoker/client.ts';
import { startActionContainer } from '../support/action-container.ts';

// Upstream's {ApacheBlocking,Akka}ContainerClientTests.scala (apache/openwhisk, tests/src/test/scala), with real
// servers that misbehave: each answers every request with the given bytes.
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

function listen(onConnection: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/run`)),
    );
  });
}

function answering(...parts: (string | Buffer)[]): Promise<URL> {
  return listen((socket) => {
    socket.once('data', () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  });
}

/** A URL at which nothing listens. */
async function unusedUrl(): Promise<URL> {
  const container = await startActionContainer();
  await container.close();
  return container.url;
}

function post(url: URL, options: Partial<PostOptions> = {}): Promise<ContainerReply> {
  const signal = new AbortController().signal;
  return postToContainer(url, Buffer.from('{"value":{}}'), {
    timeout: 20_000,
    responseLimit: 100,
    retry: false,
    signal,
    ...options,
  });
}

const ok = (body: string, extra = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${extra}\r\n${body}`;

describe('7.4 container client', () => {
  test('does not wait longer than the timeout', async () => {
    const url = await listen(() => undefined);
    expect(await post(url, { timeout: 50 })).toEqual({ kind: 'timeout' });
  });

  test('does not wait longer than the timeout for the rest of a body', async () => {
    const url = await listen((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'));
    expect(await post(url, { timeout: 50 })).toEqual({ kind: 'timeout' });
  });

  test.each([
    ['an empty entity, 204', ['HTTP/1.1 204 No Content\r\n\r\n']],
    ['a chunked body', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n']],
    ['a body that ends with the connection', ['HTTP/1.1 200 OK\r\n\r\n{}']],
    [
      'a compressed body',
      [`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${gzipSync('{}').length}\r\n\r\n`, gzipSync('{}')],
    ],
  ])('treats %s as no response', async (_title, parts) => {
    expect(await post(await answering(...parts))).toEqual({ kind: 'no response' });
  });

  test('treats an empty body with a length as a response', async () => {
    expect(await post(await answering(ok('')))).toEqual({ kind: 'response', status: 200, text: '' });
  });

  test('retries till the timeout when refused', async () => {
    expect(await post(await unusedUrl(), { retry: true, timeout: 150 })).toEqual({ kind: 'timeout' });
  });

  test('retries till success', async () => {
    const url = await unusedUrl();
    const reply = post(url, { retry: true });
    const container = await startActionContainer(Number(url.port));
    cleanups.push(() => container.close());
    expect(await reply).toMatchObject({ kind: 'response', status: 200 });
  });

  test('retries if a connection ends without an answer, as behind a published port of a starting container', async () => {
    let connections = 0;
    const url = await listen((socket) => {
      connections += 1;
      if (connections < 3) socket.destroy();
      else socket.end(ok('{}'));
    });
    expect(await post(url, { retry: true })).toMatchObject({ kind: 'response', status: 200 });
  });

  test('reports a refused connection without retries', async () => {
    expect(await post(await unusedUrl())).toEqual({ kind: 'connection refused' });
  });

  test('stops retrying when the container has ended', async () => {
    const died = new AbortController();
    const reply = post(await unusedUrl(), { retry: true, signal: died.signal });
    died.abort();
    expect(await reply).toMatchObject({ kind: 'connection failed' });
  });

  test.each(['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}', 'no HTTP at all\r\n\r\n'])(
    'takes a connection that breaks off for a failed one: %j',
    async (bytes) => {
      expect(await post(await answering(bytes))).toMatchObject({ kind: 'connection failed' });
    },
  );

  test('does not truncate within the limit', async () => {
    const body = 'a'.repeat(100);
    expect(await post(await answering(ok(body)))).toEqual({ kind: 'response', status: 200, text: body });
  });

  test.each([101, 1_000_000])('truncates beyond the limit: %i bytes', async (length) => {
    expect(await post(await answering(ok('a'.repeat(length))))).toEqual({
      kind: 'response',
      status: 200,
      text: 'a'.repeat(100),
      truncated: { length, limit: 100 },
    });
  });

  test('follows no redirect', async () => {
    const reply = await post(await answering('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'));
    expect(reply).toMatchObject({ kind: 'response', status: 302 });
  });

  test('sends the invoker’s request, on a separate connection', async () => {
    const container = await startActionContainer();
    cleanups.push(() => container.close());
    const ports = new Set<unknown>();
    container.handle = (_path, response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(200, { 'Content-Length': 2 }).end('{}');
    };
    for (const _ of [1, 2, 3]) await post(new URL('/run', container.url));
    expect(ports.size).toBe(3);
    const [call] = container.calls;
    expect(call?.text).toBe('{"value":{}}');
    expect(call?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': '12',
      'accept-encoding': 'gzip,deflate',
    });
  });
});
