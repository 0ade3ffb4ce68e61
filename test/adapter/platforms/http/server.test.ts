import { once } from 'node:events';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { gzipped, png } from '../../../contract/bodies.ts';
import type { ClientReply } from '../../../contract/platform-client.ts';
import { spawnAdapter, type ChildProcess } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from './start.ts';
import { type Echo, echoServer } from '../../echo-server.ts';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: echoServer,
  predict: {
    path: '/model/predict',
    input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
  },
};

let port: number;
let adapter: ChildProcess;
beforeAll(async () => {
  ({ port, adapter } = await startOnPort(row, { MODELWHISK_HTTP_MAX_REQUEST: '1000' }));
});
afterAll(async () => void (await adapter.stop()));

function post(path: string, contentType: string, body: string | Uint8Array, more: Header[] = []): Promise<ClientReply> {
  const headers: Header[] = [['Content-Type', contentType], ...more];
  return sendHttp(port, { method: 'POST', path, query: '', headers, body: Buffer.from(body) });
}

function get(path: string): Promise<ClientReply> {
  return sendHttp(port, { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0) });
}

function textOf({ body }: ClientReply): string {
  return Buffer.from(body).toString();
}

function echoOf(reply: ClientReply): Echo {
  return JSON.parse(textOf(reply)) as Echo;
}

/** Writes to the port. Resolves with all bytes received until the connection is closed. */
async function raw(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(text);
  return readAll(socket);
}

async function readAll(socket: Socket): Promise<string> {
  let received = '';
  socket.on('data', (text: string) => (received += text));
  await once(socket, 'close');
  return received;
}

describe('requests', () => {
  test.each([
    ['origin form', 'GET /a/b?c=d&c=%20', '/a/b?c=d&c=%20'],
    ['absolute form', 'GET http://model.example/a?b', '/a?b'],
    ['absolute form without a path', 'GET http://model.example?b', '/?b'],
  ])('%s of the target arrives as path and query', async (_title, line, url) => {
    const reply = await raw(`${line} HTTP/1.1\r\nHost: model.example\r\nConnection: close\r\n\r\n`);
    expect(reply).toContain(`"url":"${url}"`);
    expect(reply).toContain('"model.example"');
  });

  test('a target that is not a path is refused', async () => {
    const reply = await raw('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(reply).toMatch(/^HTTP\/1.1 400 [^]*the request target is \\"\*\\"; expected a path/);
  });

  test.each([
    ['two Host headers', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n', 'has 2 Host headers'],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 'CONNECT opens a tunnel'],
  ])('%s: 400 at once', async (_title, request, message) => {
    const reply = await raw(request);
    expect(reply).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(reply).toContain(message);
  });

  test('a chunked body arrives whole, with its length', async () => {
    const reply = await raw(
      'POST /seen HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
        '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(reply).toContain(`"body":"${Buffer.from('abcde').toString('base64')}"`);
    expect(reply).not.toMatch(/transfer-encoding/i);
  });

  test.each([
    ['stated', `Content-Length: 1001\r\n\r\n${'a'.repeat(1001)}`],
    ['chunked', `Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'a'.repeat(1001)}\r\n0\r\n\r\n`],
  ])('a body over the limit, its length %s, is a 413 that names both sizes', async (_title, rest) => {
    const reply = await raw(`POST /seen HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`);
    expect(reply).toMatch(/^HTTP\/1.1 413 [^]*1001 bytes, over the limit of 1000/);
  });

  test('JSON that names a file becomes a form on the predict route, and stays JSON elsewhere', async () => {
    const body = JSON.stringify({ image_base64: png.toString('base64') });
    const predicted = echoOf(await post('/model/predict', 'application/json', body));
    expect(Buffer.from(predicted.body, 'base64').includes(png)).toBe(true);
    const elsewhere = echoOf(await post('/other', 'application/json', body));
    expect(Buffer.from(elsewhere.body, 'base64').toString()).toBe(body);
  });

  test('a caller that disconnects ends its call', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /hang HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'connect');
    // Ensures that the adapter has started the call before, because the next one is answered after it.
    await sendHttp(port, { method: 'GET', path: '/status/200', query: '', headers: [], body: Buffer.alloc(0) });
    socket.destroy();
    await expect.poll(() => adapter.output().stdout).toContain('"path":"/hang","status":499');
  });
});

describe('replies', () => {
  test('Date and Server are as the model server sent them', async () => {
    const query = `header=Date=Sat, 01 Jan 2000 00:00:00 GMT&header=Server=Werkzeug`;
    const { headers } = await sendHttp(port, {
      method: 'GET', path: '/mirror', query: encodeURI(query), headers: [], body: Buffer.alloc(0),
    }); // prettier-ignore
    const values = headers.filter(([name]) => /^(date|server)$/i.test(name)).map(([, value]) => value);
    expect(values).toEqual(['Sat, 01 Jan 2000 00:00:00 GMT', 'Werkzeug']);
  });

  test('a content encoding that the caller does not accept is decoded', async () => {
    const headers: Header[] = [['accept-encoding', 'br;q=1, gzip;q=0']];
    const query = 'header=Content-Encoding=gzip';
    const request = { method: 'POST', path: '/mirror', query, headers, body: gzipped };
    const reply = await sendHttp(port, request);
    expect(textOf(reply)).toBe('compressed by the model server');
    expect(reply.headers.filter(([name]) => name.toLowerCase() === 'content-encoding')).toEqual([]);
    const kept = await sendHttp(port, { ...request, headers: [] });
    expect(Buffer.compare(kept.body, gzipped)).toBe(0);
  });

  test('a model server that hangs up is a 502, and the next call is answered', async () => {
    const reply = await get('/hang-up');
    expect([reply.status, textOf(reply)]).toEqual([502, expect.stringContaining('MODEL_CRASHED')]);
    expect((await get('/status/200')).status).toBe(200);
  });

  test('each call is one line of JSON in the log, without bodies, headers and queries', async () => {
    await sendHttp(port, {
      method: 'POST', path: '/logged', query: 'token=secret', headers: [['Cookie', 'secret']], body: Buffer.from('secret'),
    }); // prettier-ignore
    // The line may come through its pipe after the reply.
    await expect.poll(() => adapter.output().stdout).toMatch(/\/logged.*\n/);
    const lines = adapter.output().stdout.split('\n');
    const line = lines.find((each) => each.includes('/logged')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ method: 'POST', path: '/logged', status: 200, bytesIn: 6 });
    expect(adapter.output().stdout + adapter.output().stderr).not.toContain('secret');
  });
});

describe('start and end', () => {
  test('SIGTERM refuses new connections, finishes the call in progress, and ends with 0', async () => {
    const own = await startOnPort({
      ...row,
      server: { ...row.server, module: join(import.meta.dirname, 'slow-app.ts') },
    });
    const socket = connect(own.port, '127.0.0.1').setEncoding('latin1');
    const received = readAll(socket);
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => own.adapter.output().stdout).toContain('slow call begun');
    const idle = connect(own.port, '127.0.0.1');
    await once(idle, 'connect');
    const ended = own.adapter.stop();
    await once(idle, 'close');
    await expect(once(connect(own.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    void own.adapter.stop('SIGUSR2');
    expect(await received).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close\r\n[^]*finished$/i);
    expect(await ended).toBe(0);
  });

  test('a model server that does not start ends the process with 1 and says why', async () => {
    const server = { ...row.server, module: '/nonexistent/app.js' };
    const failing = await spawnAdapter({ ...row, server }, { PORT: '0', K_SERVICE: 'echo' });
    expect(await failing.exited).toBe(1);
    expect(failing.output().stderr).toMatch(/^modelwhisk: the model server failed to start: .*\/nonexistent\/app\.js/m);
  });

  test.each([
    [{ MODELWHISK_HTTP_TIMEOUT: '5s' }, 'MODELWHISK_HTTP_TIMEOUT is "5s"; expected whole milliseconds'],
    [{ MODELWHISK_HTTP_MAX_REQUEST: '0' }, 'MODELWHISK_HTTP_MAX_REQUEST is "0"; expected whole bytes'],
  ])('%j is refused', async (environment, message) => {
    const failing = await spawnAdapter(row, { PORT: '0', ...environment });
    expect(await failing.exited).toBe(1);
    expect(failing.output().stderr).toContain(message);
  });
});
