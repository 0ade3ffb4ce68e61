import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../../adapter/model/http/client.ts';
import type { Client } from '../../../../adapter/model/http/client.ts';
import { collectBody } from '../../../../adapter/http/body.ts';
import type { WholeRequest, WholeResponse } from '../../../../adapter/http/message.ts';
import { requestOf } from '../../../contract/suite.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server that passes each raw connection on, and a client for it. */
async function connect(onConnection: (socket: Socket, count: number) => void, staleWithin = 60_000): Promise<Client> {
  let count = 0;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    count += 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket, count);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({ host: '127.0.0.1', port, maximumBody: 1000, staleWithin });
  cleanups.push(() => {
    client.close();
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return client;
}

/** What the server receives for a request, up to the end of its headers plus its body. */
async function sent(request: Partial<WholeRequest>): Promise<string> {
  let received = '';
  const client = await connect((socket) => {
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.0 204 No Content\r\n\r\n');
    });
  });
  await client.call(requestOf(request));
  return received.replace(/127\.0\.0\.1:\d+/, 'HOST');
}

async function reply(bytes: string | Buffer, request: Partial<WholeRequest> = {}): Promise<WholeResponse> {
  const client = await connect((socket) => socket.once('data', () => socket.end(bytes)));
  const response = await client.call(requestOf(request));
  return { ...response, body: (await collectBody(response.body)) ?? Buffer.alloc(0) };
}

describe('a request', () => {
  test('is sent with path, query, header order, case and repetition unchanged', async () => {
    const request = {
      method: 'PUT',
      path: '/a|b/"c"<d>^`{e}\\f%zz',
      query: 'x=[1]&y=ü"<>',
      headers: [
        ['hOsT', 'model.example:80'],
        ['X-b', '1'],
        ['x-A', 'ë'],
        ['X-b', '2'],
        ['X-Empty', ''],
      ] as const,
      body: Buffer.from('body'),
    };
    expect(await sent(request)).toBe(
      'PUT /a|b/"c"<d>^`{e}\\f%zz?x=[1]&y=ü"<> HTTP/1.1\r\nhOsT: model.example:80\r\nX-b: 1\r\nx-A: ë\r\nX-b: 2\r\n' +
        'X-Empty: \r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nbody',
    );
  });

  test("has the server's address as its default Host, and no length without a body", async () => {
    expect(await sent({})).toBe('GET / HTTP/1.1\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\n');
  });

  test.each(['POST', 'PUT', 'PATCH', 'PROPFIND', 'SEARCH', 'REPORT', 'MKCOL', 'LINK', 'QUERY'])(
    'by %s without a body states its length, as some servers look for that alone',
    async (method) => {
      expect(await sent({ method })).toBe(
        `${method} / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n`,
      );
    },
  );

  test('drops headers of the connection, Expect and a wrong length', async () => {
    const headers = [
      ['Connection', 'close, X-Hop'],
      ['X-Hop', '1'],
      ['Transfer-Encoding', 'chunked'],
      ['Expect', '100-continue'],
      ['Upgrade', 'h2c'],
      ['Content-Length', '999'],
      ['X-Stays', '1'],
    ] as const;
    expect(await sent({ method: 'POST', headers, body: Buffer.from('ab') })).toBe(
      'POST / HTTP/1.1\r\nHost: HOST\r\nX-Stays: 1\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab',
    );
  });

  test('with a header that cannot be sent fails and says so', async () => {
    await expect(sent({ headers: [['X-Name', 'a\r\nb: c']] })).rejects.toMatchObject({
      code: 'MODEL_UNREACHABLE',
      message: expect.stringContaining('X-Name') as string,
    });
  });
});

describe('a reply', () => {
  test('keeps header case, order and repetition', async () => {
    const { headers } = await reply('HTTP/1.0 200 OK\r\nx-B: 1\r\nX-a: 2\r\nx-B: 3\r\n\r\n');
    expect(headers).toEqual([
      ['x-B', '1'],
      ['X-a', '2'],
      ['x-B', '3'],
    ]);
  });

  test.each([
    ['that ends with the connection is whole', 'HTTP/1.0 200 OK\r\n\r\nuntil the end', 'until the end'],
    [
      'in chunks is put together',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
      'abc',
    ],
    [
      'after 100 Continue is the final one',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
      'x',
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(Buffer.from((await reply(bytes)).body).toString()).toBe(expected);
  });

  test('to HEAD has its stated length and no body', async () => {
    const response = await reply('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n', { method: 'HEAD' });
    expect(response.headers).toEqual([['Content-Length', '5000']]);
  });

  test.each([
    ['whose status HTTP does not know', 'MODEL_REPLY', 'status 999', 'HTTP/1.0 999 What\r\n\r\n'],
    [
      'that changes the protocol',
      'MODEL_REPLY',
      'status 101',
      'HTTP/1.1 101 Ok\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['that is not HTTP', 'MODEL_REPLY', 'not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['that never starts', 'MODEL_CRASHED', 'before it replied', ''],
    ['that is interrupted', 'MODEL_CRASHED', 'broke off its reply', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'],
    [
      'that breaks off in a chunk',
      'MODEL_CRASHED',
      'broke off its reply',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ],
  ])('%s is %s: %s', async (_, code, message, bytes) => {
    await expect(reply(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  test('sent before the request was read, by a server that then closes, arrives', async () => {
    const client = await connect((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.end('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig', () =>
          socket.destroy(),
        );
      });
    });
    const response = await client.call(requestOf({ method: 'POST', body: Buffer.alloc(20_000_000) }));
    expect(response).toMatchObject({ status: 413, body: Buffer.from('big') });
  });

  test('sent by a server in another process, which closes while the request is on its way, arrives every time', async () => {
    const server = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/rejecting.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanups.push(() => server.kill());
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const client = createClient({ host: '127.0.0.1', port: Number(line.toString()), maximumBody: 1000 });
    cleanups.push(() => client.close());
    const large = requestOf({ method: 'POST', body: Buffer.alloc(5_000_000) });
    for (let count = 0; count < 20; count += 1) {
      // On a new connection, and on a kept one.
      if (count % 2 === 0) await client.call(requestOf({}));
      expect(await client.call(large)).toMatchObject({ status: 413, body: Buffer.from('too big') });
    }
  });
});

describe('a first request whose body has no stated length', () => {
  /** Answers each request when it is complete. Notes what it receives. */
  async function notes(version: string): Promise<{ client: Client; received: string[] }> {
    const received: string[] = [];
    const client = await connect((socket) => {
      const index = received.push('') - 1;
      socket.on('data', (bytes: Buffer) => {
        received[index] += bytes.toString();
        if (/^HEAD|0\r\n\r\n$|last$/.test(received[index] ?? '')) {
          socket.end(`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n\r\n`);
        }
      });
    });
    return { client, received };
  }

  test('streams to a server of HTTP/1.1', async () => {
    const { client, received } = await notes('1.1');
    const stream = new PassThrough();
    const answered = client.call({ ...requestOf({ method: 'POST' }), body: { stream, length: undefined } });
    stream.write('first,');
    await expect.poll(() => received[1]).toMatch(/^POST [^]*\r\nfirst,\r\n$/);
    stream.end('last');
    expect((await answered).status).toBe(200);
  });

  test('is sent whole to a server of HTTP/1.0', async () => {
    const { client, received } = await notes('1.0');
    const stream = new PassThrough();
    stream.write('first,');
    stream.end('last');
    await client.call({ ...requestOf({ method: 'POST' }), body: { stream, length: undefined } });
    expect(received[1]).toMatch(/^POST [^]*\r\nContent-Length: 10\r\n[^]*\r\n\r\nfirst,last$/);
  });
});

test('a reply whose body is malformed from its start is broken', async () => {
  const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
  await expect(reply(bytes)).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
});

describe('connections', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

  test('are kept and used again', async () => {
    let connections = 0;
    const client = await connect((socket) => {
      connections += 1;
      socket.on('data', () => socket.write(answer));
    });
    for (let count = 0; count < 5; count += 1) await client.call(requestOf({}));
    expect(connections).toBe(1);
  });

  test('are not kept if the body waits for the acknowledgement of the head', async () => {
    let connections = 0;
    const client = await connect((socket) => {
      connections += 1;
      socket.setNoDelay(false);
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
        setImmediate(() => socket.write('body'));
      });
    });
    const delays: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const began = performance.now();
      await collectBody((await client.call(requestOf({}))).body);
      delays.push(performance.now() - began);
    }
    expect(connections).toBeGreaterThan(1);
    expect(delays.slice(-5).every((delay) => delay < 30)).toBe(true);
  });

  test('that are stale are replaced, and the request is sent again, even a POST', async () => {
    const bodies: string[] = [];
    const client = await connect((socket, count) => {
      socket.once('data', () => {
        socket.write(answer);
        if (count === 1) socket.once('data', () => socket.resetAndDestroy());
      });
      if (count === 2) socket.on('data', (bytes: Buffer) => bodies.push(bytes.toString().slice(-4)));
    });
    await client.call(requestOf({}));
    await expect(client.call(requestOf({ method: 'POST', body: Buffer.from('body') }))).resolves.toMatchObject({
      status: 200,
    });
    expect(bodies).toEqual(['body']);
  });

  test.each([
    ['an interim reply', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['a part of the head', 'HTTP/1.1 200 O'],
  ])('that break on a used connection after %s are not retried', async (_what, begin) => {
    let requests = 0;
    const client = await connect((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write(answer);
        else socket.end(begin);
      });
    });
    await client.call(requestOf({}));
    await expect(client.call(requestOf({ method: 'POST' }))).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
    expect(requests).toBe(2);
  });

  test.each([
    ['on a new connection', 1, 0],
    ['on a used connection after the server had time to work on it', 2, 400],
  ])('that break %s are not retried', async (_, failing, patience) => {
    let requests = 0;
    const client = await connect((socket) => {
      socket.on('data', async () => {
        requests += 1;
        if (requests < failing) socket.write(answer);
        else {
          await sleep(patience);
          socket.resetAndDestroy();
        }
      });
    }, 50);
    for (let count = 1; count < failing; count += 1) await client.call(requestOf({}));
    await expect(client.call(requestOf({ method: 'POST' }))).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
    expect(requests).toBe(failing);
  });
});
