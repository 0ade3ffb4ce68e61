import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { startListening } from '../../adapter-process.ts';
import { credentials, scfEnvironment } from '../scf/host.ts';

const description = {
  name: 'live',
  title: 'Live',
  image: 'modelwhisk/live',
  predict: { path: '/predict', input: { kind: 'file', field: 'image', filename: 'a.png', contentType: 'image/png' } },
};

interface Platform {
  readonly name: string;
  readonly environment: (port: string) => Readonly<Record<string, string>>;
  readonly prefix?: string;
}

const plainHttp: Platform = { name: 'plain HTTP', environment: (port) => ({ K_SERVICE: 'live', PORT: port }) };
const scf: Platform = {
  name: 'SCF web function',
  environment: (port) => ({ ...scfEnvironment, MODELWHISK_PORT: port }),
};
const azure: Platform = {
  name: 'Azure Functions, requests proxied',
  environment: (port) => ({ FUNCTIONS_CUSTOMHANDLER_PORT: port }),
  prefix: '/api',
};

type Running = Awaited<ReturnType<typeof start>>;

async function start({ environment }: Platform) {
  const port = await freePort();
  const server = { kind: 'http', port, environment: { PORT: String(port) }, ready: { kind: 'get', path: '/ready' } };
  const entrypoint = [process.execPath, join(import.meta.dirname, 'fixtures/web-sockets.mjs')];
  const base = { entrypoint, command: null, environment: {}, stopSignal: 'SIGTERM' };
  return startListening({ ...description, server }, (chosen) => ({
    ...environment(chosen),
    MODELWHISK_BASE: JSON.stringify(base),
  }));
}

/** Opens a WebSocket and keeps its messages from the start. */
async function open(port: number, path: string, options: ClientOptions = {}, protocols: string[] = []) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, options);
  const messages: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  socket.on('message', (data: Buffer, isBinary) => messages.push({ data, isBinary }));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const next = async (count = 1): Promise<string[]> => {
    await eventually(`${count} messages arrive`, () => messages.length, (length) => length >= count); // prettier-ignore
    return messages.map(({ data }) => data.toString());
  };
  return { socket, messages, closed, next };
}

/** The reply to a refused handshake. */
async function refused(port: number, path: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const text = (await response.toArray()).join('');
  return { status: response.statusCode, headers: response.headers, text };
}

/** All bytes received until the connection is closed. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(text, 'latin1');
  let received = '';
  socket.on('data', (part: string) => (received += part));
  await once(socket, 'close');
  return received;
}

function logged({ adapter }: Running, pattern: RegExp): Promise<string> {
  return eventually(`the log has ${pattern}`, () => adapter.output().stdout, (log) => pattern.test(log)); // prettier-ignore
}

describe.each([plainHttp, scf])('$name: a WebSocket', (platform) => {
  let running: Running;
  let port: number;
  beforeAll(async () => {
    running = await start(platform);
    ({ port } = running);
  });
  afterAll(async () => void (await running.adapter.stop()));

  test('passes messages in both directions, text and binary, of any size', async () => {
    const { socket, messages, next, closed } = await open(port, '/echo');
    const large = Buffer.alloc(3_000_000, 'x');
    socket.send('text');
    socket.send(Buffer.from([0, 255]));
    socket.send(large);
    await next(3);
    expect(messages.map(({ isBinary }) => isBinary)).toEqual([false, true, true]);
    expect(messages[1]?.data).toEqual(Buffer.from([0, 255]));
    expect(messages[2]?.data.equals(large)).toBe(true);
    socket.close(4001, 'enough');
    expect(await closed).toEqual({ code: 4001, reason: 'enough' });
    await logged(running, /closed with 4001 at \/echo/);
    await logged(running, /"path":"\/echo","status":101/);
  });

  test('passes bytes that the model sends together with the head of its reply', async () => {
    const { next, socket } = await open(port, '/greet');
    expect(await next()).toEqual(['hello']);
    socket.terminate();
  });

  test('passes bytes that the caller sends together with the head of its request', async () => {
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]).toString('latin1');
    const received = await raw(port, `${handshake('/echo')}\r\n${frame}${closeFrame}`);
    expect(received).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n[^]*\r\n\r\n\x81\x02hi\x88/);
  });

  test('agrees on subprotocol and extensions with the model', async () => {
    const { socket } = await open(port, '/echo', { perMessageDeflate: true }, ['first', 'second']);
    expect([socket.protocol, socket.extensions]).toEqual(['second', 'permessage-deflate']);
    socket.terminate();
  });

  test('has the headers of a call, without those that the model must not see', async () => {
    const headers = {
      'X-Scf-Secret-Key': credentials.key,
      'X-Scf-Request-Id': 'id',
      Cookie: 'a=b',
      Origin: 'http://x',
    };
    const { next, socket } = await open(port, '/headers', { headers });
    const [text = ''] = await next();
    expect(text).toContain('"Cookie","a=b"');
    expect(text).toContain('"Origin","http://x"');
    expect(text).toContain(`"Host","127.0.0.1:${port}"`);
    expect(text.includes(credentials.key)).toBe(platform !== scf);
    socket.terminate();
  });

  test('that the model refuses gets the reply of the model', async () => {
    const { status, headers, text } = await refused(port, '/refuse');
    expect([status, headers['x-why'], headers['content-type'], text]).toEqual([401, 'key', 'text/plain', 'no entry\n']);
  });

  test('ends when the model closes it, with its code', async () => {
    const { closed } = await open(port, '/close');
    expect(await closed).toEqual({ code: 4000, reason: 'done' });
  });

  test('ends at the model when its caller disconnects', async () => {
    const before = running.adapter.output().stdout.length;
    const { socket, next } = await open(port, '/greet');
    await next();
    socket.terminate();
    const log = (): string => running.adapter.output().stdout.slice(before);
    const seen = await eventually('the model sees the end', log, (text) => text.includes('closed with'));
    expect(seen).toContain('closed with 1006 at /greet');
  });

  test('ends as broken when the model crashes, which is logged, and the next one opens', async () => {
    const { socket, closed } = await open(port, '/die');
    socket.send('die');
    expect((await closed).code).toBe(1006);
    await logged(running, /"path":"\/die","status":101,"code":"MODEL_CRASHED"/);
    const { next } = await open(port, '/greet');
    expect(await next()).toEqual(['hello']);
  });

  test('stalls a model whose caller does not read, and brings every byte in the end', async () => {
    const { socket, messages } = await open(port, '/pour');
    socket.pause();
    const poured = (): number => running.adapter.output().stdout.match(/poured \d+/g)?.length ?? 0;
    await eventually('the model pours', poured, Boolean);
    let before = -1;
    while (poured() !== before) {
      before = poured();
      await sleep(400);
    }
    expect(before).toBeLessThan(40);
    socket.resume();
    await eventually('all of it arrives', () => messages.length, (length) => length === 64); // prettier-ignore
    expect(messages.every(({ data }) => data.length === 1 << 20)).toBe(true);
    socket.terminate();
  });

  test('stalls a caller whose model does not read', async () => {
    const { socket } = await open(port, '/stall');
    for (let sent = 0; sent < 64; sent += 1) socket.send(Buffer.alloc(1 << 20), { compress: false });
    let before = -1;
    while (socket.bufferedAmount !== before) {
      before = socket.bufferedAmount;
      await sleep(400);
    }
    expect(before).toBeGreaterThan(24 << 20);
    socket.terminate();
  });

  test.each([
    { protocol: 'h2c', method: 'GET', what: 'no body', rest: '', bytes: 0 },
    { protocol: 'h2c', method: 'POST', what: 'a body', rest: 'Content-Length: 5\r\n\r\nbytes', bytes: 5 },
    {
      protocol: 'h2c',
      method: 'POST',
      what: 'chunks',
      rest: 'Transfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n',
      bytes: 5,
    },
    {
      protocol: 'h2c',
      method: 'POST',
      what: 'a long body',
      rest: `Content-Length: 300000\r\n\r\n${'b'.repeat(300_000)}`,
      bytes: 300_000,
    },
    { protocol: 'websocket', method: 'POST', what: 'a body', rest: 'Content-Length: 5\r\n\r\nbytes', bytes: 5 },
  ])(
    'is not what "Upgrade: $protocol" asks for with $method and $what: the call is answered as any other',
    async ({ protocol, method, rest, bytes }) => {
      const connection = 'Connection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AA\r\n';
      const head = `${method} /any?x HTTP/1.1\r\nHost: a\r\n${connection}Upgrade: ${protocol}\r\n`;
      const reply = await raw(port, `${head}${rest}\r\n`);
      expect(reply).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(reply).toContain(`"method":"${method}","url":"/any?x"`);
      expect(reply).toContain(`"bytes":${bytes}}`);
    },
  );

  test('is not what a request asks for whose Connection does not name Upgrade: it is answered as any other', async () => {
    const head = 'GET /any HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n';
    expect(await raw(port, head)).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*"method":"GET","url":"\/any"/);
  });

  test('follows the replies of calls that came before it on its connection', async () => {
    const first = 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n';
    const received = await raw(port, `${first}${handshake('/echo')}\r\n${closeFrame}`);
    expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*"url":"\/slow"[^]*HTTP\/1.1 101 Switching Protocols\r\n/);
  });
});

describe('the time limit of a call', () => {
  test('holds until a WebSocket is open, and no longer', async () => {
    const limited: Platform = {
      name: 'limited',
      environment: (port) => ({ PORT: port, MODELWHISK_HTTP_TIMEOUT: '700' }),
    };
    const { port, adapter } = await start(limited);
    const { socket, next } = await open(port, '/echo');
    const opened = Date.now();
    // The margin in which the 504 is sent is a tenth of the limit.
    const { status, text } = await refused(port, '/hang');
    expect([status, text]).toEqual([504, expect.stringContaining('MODEL_TIMEOUT')]);
    await eventually('the limit has passed', () => Date.now() - opened, (milliseconds) => milliseconds > 1000); // prettier-ignore
    socket.send('still here');
    expect(await next()).toEqual(['still here']);
    socket.terminate();
    await adapter.stop();
  });
});

describe('SIGTERM with a WebSocket open', () => {
  test('lets running calls end, and the model close the WebSocket', async () => {
    const running = await start(plainHttp);
    const { closed } = await open(running.port, '/echo');
    const slow = fetch(`http://127.0.0.1:${running.port}/slow`, { headers: { connection: 'close' } });
    await logged(running, /slow call begun/);
    const ended = running.adapter.stop();
    expect((await slow).status).toBe(200);
    expect(await closed).toEqual({ code: 1012, reason: 'restarting' });
    expect(await ended).toBe(0);
  });
});

describe('SIGTERM with a WebSocket whose caller does not read', () => {
  test('ends it after a while', async () => {
    const running = await start(plainHttp);
    const { socket } = await open(running.port, '/pour');
    socket.pause();
    await logged(running, /poured 4\n/);
    expect(await running.adapter.stop()).toBe(0);
    socket.terminate();
  });
});

describe('a WebSocket that cannot be passed on is refused with an explanation', () => {
  test('by Azure Functions', async () => {
    const running = await start(azure);
    const { status, text } = await refused(running.port, '/api/echo');
    expect([status, text]).toEqual([501, expect.stringContaining('does not pass on this platform')]);
    await running.adapter.stop();
  });

  test('by an Express app', async () => {
    const module = join(import.meta.dirname, '../../echo-app.ts');
    const row = { ...description, server: { kind: 'express', module, export: 'app' } };
    const { port, adapter } = await startListening(row, plainHttp.environment);
    const { status, text } = await refused(port, '/echo');
    expect([status, text]).toEqual([501, expect.stringContaining('the model is an app without connections')]);
    await adapter.stop();
  });
});

/** A close frame (RFC 6455, section 5.5.1). */
const closeFrame = '\u0088\u0080\0\0\0\0';

function handshake(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  );
}
