import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Controller } from '../../gateway/controller.ts';
import { dispatch, type DispatchSettings } from '../../gateway/dispatch.ts';
import type { Activation } from '../../gateway/invoker/activation.ts';
import { gatewayDefaults } from '../../gateway/server.ts';
import { eventually } from '../support/eventually.ts';
import { sendJson, type RunBody } from './support/action-container.ts';
import { send } from './support/send.ts';
import { startStage, type Stage } from './support/stage.ts';

let stage: Stage;
/** The actions of the activations that have ended. */
const ended: string[] = [];
beforeAll(async () => {
  const onActivation = ({ request }: Activation): void => void ended.push(request.action.name);
  stage = await startStage({ onActivation }, [{ name: 'echo' }, { name: 'slow' }]);
});
afterAll(() => stage.close());

test.each(['/', '/api/v2/web/guest/default/echo', '/api/v1nothing', '/api/v1/../nothing'])(
  'unknown path %s is 404, compact',
  async (path) => {
    const reply = await send(stage.url + path);
    const code = reply.all('x-request-id')[0];
    expect(reply.status).toBe(404);
    expect(reply.text).toBe(`{"code":"${code}","error":"The requested resource could not be found."}`);
  },
);

test('the API describes itself', async () => {
  expect((await send(`${stage.url}/api/v1`)).json()).toMatchObject({ api_version_path: 'v1' });
});

test.each([
  ['mine-1', 'mine-1'],
  ['sid_forged', expect.stringMatching(/^[0-9a-f]{32}$/)],
  [undefined, expect.stringMatching(/^[0-9a-f]{32}$/)],
])('X-Request-ID %s is answered and is the transaction id', async (given, expected) => {
  const reply = await stage.web(
    'guest/default/echo',
    given === undefined ? {} : { headers: { 'X-Request-ID': given } },
  );
  expect(reply.all('x-request-id')).toEqual([expected]);
  expect(stage.container.runs().at(-1)?.['transaction_id']).toBe(reply.all('x-request-id')[0]);
});

test('URL length up to the limit, beyond it 414', async () => {
  const path = '/api/v1/web/guest/default/echo?a=';
  const within = await send(stage.url + path + 'a'.repeat(8192 - path.length));
  const beyond = await send(stage.url + path + 'a'.repeat(8193 - path.length));
  expect([within.status, beyond.status]).toEqual([204, 414]);
});

test('malformed percent-encoding is 400', async () => {
  for (const target of ['guest/default/echo/%zz', 'guest/default/echo?a=%', '%/default/echo']) {
    expect((await stage.web(target)).status).toBe(400);
  }
});

test.each([
  ['GET', '/api/v1/nothing', 401],
  ['POST', '/api/v1', 401],
  ['HEAD', '/api/v1', 401],
  ['GET', '/api/v1/web/guest/default', 401],
  ['GET', '/api/v1/web/guest/defaults/echo', 401],
  ['OPTIONS', '/api/v1/nothing', 200],
  ['TRACE', '/api/v1/web/guest/default/echo', 405],
  ['PROPFIND', '/api/v1/web/guest/default/echo', 501],
  ['FOO', '/api/v1/web/guest/default/echo', 501],
  ['CONNECT', '/api/v1/web/guest/default/echo', 400],
])('%s %s without credentials is %i', async (method, target, status) => {
  expect(await statusOf(`${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toBe(status);
});

// The messages are pekko-http's, if Node's parser reports enough.
test.each([
  ['no host', 'GET /x HTTP/1.1\r\n', 400, 'Request is missing required `Host` header'],
  ['two hosts', 'GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n', 400, 'more than one Host header'],
  ['an invalid host', 'GET /x HTTP/1.1\r\nHost: a b\r\n', 400, 'missing required `Host`'],
  ['another host in the target', 'GET http://b/x HTTP/1.1\r\nHost: a\r\n', 400, "doesn't match request target"],
  ['two types', 'GET /x HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Type: a/c\r\n', 400, 'Content-Type header'],
  [
    'two lengths',
    'GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n',
    400,
    'Content-Length header',
  ],
  ['no length', 'GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n', 400, 'Illegal `Content-Length` header value'],
  ['a body on HEAD', 'HEAD /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n', 422, ''],
  [
    'a coding',
    'GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n',
    400,
    "Unsupported Transfer-Encoding 'gzip'",
  ],
  [
    'two codings',
    'GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n',
    400,
    'Multiple Transfer-Encoding',
  ],
  ['a header name', 'GET /x HTTP/1.1\r\nHost: a\r\nA B: 1\r\n', 400, "Illegal character ' ' in header name"],
  ['a control character', 'GET /x HTTP/1.1\r\nHost: a\r\nA: \u0001\r\n', 400, String.raw`'\u0001' in header value`],
  ['a long name', `GET /x HTTP/1.1\r\nHost: a\r\n${'a'.repeat(65)}: 1\r\n`, 431, 'limit of 64 characters'],
  ['a long value', `GET /x HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(8193)}\r\n`, 431, 'limit of 8192 characters'],
  ['64 headers', `GET /x HTTP/1.1\r\nHost: a\r\n${'A: 1\r\n'.repeat(63)}`, 400, 'limit of 64 headers'],
  ['another version', 'GET /x HTTP/2.0\r\nHost: a\r\n', 505, 'does not support the HTTP protocol version'],
  ['a target that is not ASCII', 'GET /\u00e9 HTTP/1.1\r\nHost: a\r\n', 400, 'column 2'],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n', 400, 'CONNECT requests are not supported'],
  [
    'a character of a target',
    'GET /| HTTP/1.1\r\nHost: a\r\n',
    400,
    "Invalid input '|', expected segment, '/', '?' or 'EOI'",
  ],
])('%s is refused in plain text, and the connection closed', async (_title, head, status, message) => {
  const reply = await sendBytes(`${head}\r\n`);
  expect(reply).toMatch(new RegExp(String.raw`^HTTP/1\.1 ${status} `));
  expect(reply.toLowerCase()).toContain('\r\nconnection: close\r\n');
  expect(reply).toContain('Content-Type: text/plain; charset=UTF-8');
  expect(reply).toContain(message);
});

test.each([
  ['an illegal header', `GET /x HTTP/1.1\r\nHost: a\r\nb\u00e4d: 1\r\n\r\n${'x'.repeat(300_000)}`],
  ['CONNECT', `CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n${'x'.repeat(300_000)}`],
])(
  'a caller that was refused (%s) and leaves its connection open does not keep the gateway from closing',
  async (_title, text) => {
    const gateway = await startStage();
    const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).write(text, 'latin1');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(reply.toString('latin1')).toMatch(/^HTTP\/1\.1 400 /);
    await gateway.close();
    socket.destroy();
  },
  15_000,
);

describe.each([
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['what is no request', 'BAD\r\n\r\n', 501],
])('%s behind another request', (_title, text, status) => {
  test('is refused after the reply to that one', async () => {
    const reply = await sendBytes(`GET /api/v1 HTTP/1.1\r\nHost: a\r\n\r\n${text}`);
    expect(reply).toMatch(new RegExp(String.raw`^HTTP/1\.1 200 [^]*"api_version"[^]*HTTP/1\.1 ${status} `));
  });

  test('and a reset do not end the gateway', async () => {
    const { port } = new URL(stage.url);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    socket.write(`GET /api/v1 HTTP/1.1\r\nHost: a\r\n\r\n${text}`);
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect((await send(`${stage.url}/api/v1`)).status).toBe(200);
  });
});

describe('a reply that closes the connection reaches a caller that is still sending', () => {
  let named: Stage;
  beforeAll(async () => {
    named = await startStage({ hosts: [], page: async () => new Map() }, []);
  });
  afterAll(() => named.close());

  test.each([
    ['a header', `POST /x HTTP/1.1\r\nHost: localhost\r\nA: ${'a'.repeat(9000)}\r\n`, 431],
    ['a host', 'POST /x HTTP/1.1\r\nHost: evil.example\r\n', 403],
    ['a method of the page', 'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n', 405],
  ])('and was refused for %s', async (_title, head, status) => {
    const socket = connect({ port: Number(new URL(named.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write(`${head}Content-Length: 6000000\r\n\r\n`, 'latin1');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(reply.toString()).toMatch(new RegExp(String.raw`^HTTP/1\.1 ${status} [^]*\r\nconnection: close\r\n`, 'i'));
    // A connection that is reset rejects.
    socket.write(Buffer.alloc(6_000_000));
    await once(socket.resume(), 'end');
    expect(socket.writableLength).toBe(0);
    socket.destroy();
  });
});

describe('a caller that stops in', () => {
  let impatient: Stage;
  beforeAll(async () => {
    impatient = await startStage({ idleLimit: 200, page: async () => new Map() }, [{ name: 'echo' }]);
  });
  afterAll(() => impatient.close());

  const echo = 'POST /api/v1/web/guest/default/echo HTTP/1.1\r\nHost: a\r\n';
  const run = 'POST /_page/run?target=/api/v1/web/x&calls=1&concurrency=1 HTTP/1.1\r\nHost: a\r\n';
  test.each([
    ['its head', echo, /^HTTP\/1\.1 408 /],
    ['its body', `${echo}Content-Length: 9\r\n\r\nx`, /^$/],
    ['the body of a run', `${run}Content-Length: 9\r\n\r\nx`, /^$/],
    ['a chunk', `${echo}Transfer-Encoding: chunked\r\n\r\n9\r\nx`, /^$/],
  ])('%s is disconnected', async (_title, text, reply) => {
    expect(await sendBytes(text, impatient)).toMatch(reply);
  });

  test('anything has the time that docs/gateway.md says', async () => {
    const docs = await readFile(join(import.meta.dirname, '../../docs/gateway.md'), 'utf8');
    const [, section = ''] = /\n## Callers that stop sending\n([^]*?)\n## /.exec(docs) ?? [];
    const { idleLimit, waitLimit } = gatewayDefaults;
    expect(section.match(/\d+(?= s\b)/g)).toEqual([idleLimit, idleLimit, waitLimit].map((limit) => `${limit / 1000}`));
  });

  test('nothing, but waits for its reply for longer, gets it', async () => {
    impatient.container.handle = (_path, response) => void setTimeout(() => sendJson(response, 200, {}), 500);
    const reply = await sendBytes(`${echo}Connection: close\r\nContent-Length: 1\r\n\r\nx`, impatient);
    expect(reply).toMatch(/^HTTP\/1\.1 204 /);
  });
});

test('63 headers pass', async () => {
  expect(await statusOf(`GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'A: 1\r\n'.repeat(61)}\r\n`)).toBe(404);
});

test('header names and values that Node does not write are sent unchanged', async () => {
  stage.container.answer = () => ({
    headers: { 'a b': 'x', trailer: 'y', é: 'ü', 'Set-Cookie': ['1', '2'], c: 'x\r\ny: z' },
  });
  const reply = await sendBytes('GET /api/v1/web/guest/default/echo HTTP/1.1\r\nHost: a\r\n\r\n');
  stage.container.answer = () => ({});
  for (const line of ['a b: x', 'trailer: y', 'é: ü', 'Set-Cookie: 1', 'Set-Cookie: 2']) {
    expect(reply).toContain(`\r\n${line}\r\n`);
  }
  expect(reply).not.toContain('y: z');
});

test('a header that Node does not write waits for the earlier replies on its connection', async () => {
  let finishSlow: (() => void) | undefined;
  stage.container.handle = (path, response, body) => {
    const reply = (): void => sendJson(response, 200, { headers: { 'a b': 'x' } });
    if (path === '/run' && (body as RunBody)['action_name'] === '/guest/slow') finishSlow = reply;
    else reply();
  };
  const get = (action: string): string => `GET /api/v1/web/guest/default/${action} HTTP/1.1\r\nHost: a\r\n\r\n`;
  ended.splice(0);
  const received = sendBytes(get('slow.json') + get('echo'));
  await eventually('the second call has ended', () => ended.includes('echo') && finishSlow !== undefined, Boolean);
  finishSlow?.();
  const reply = await received;
  stage.container.handle = undefined;
  expect(reply).toMatch(/^HTTP\/1\.1 200 [^]*"headers"[^]*HTTP\/1\.1 204 [^]*\r\na b: x\r\n/);
});

test('a request type that is not a media type counts as application/octet-stream', async () => {
  await stage.web('guest/default/echo', { method: 'POST', headers: { 'Content-Type': 'x' }, body: 'x' });
  expect(stage.container.runs().at(-1)?.value).toMatchObject({
    __ow_headers: { 'content-type': 'application/octet-stream' },
    __ow_body: 'eA==',
  });
});

/** The reply as sent, one character per byte. */
function sendBytes(text: string, to = stage): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect(Number(new URL(to.url).port), '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => (reply += part));
    socket.on('error', reject);
    socket.on('end', () => resolve(reply));
  });
}

async function statusOf(text: string): Promise<number> {
  return Number((await sendBytes(text)).slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3));
}

describe('a bug of the gateway', () => {
  const bug = new TypeError('a bug');
  const broken: Pick<DispatchSettings, 'key'> = Object.defineProperty({ key: '' }, 'key', {
    get: () => {
      throw bug;
    },
  });

  test.each([
    ['in an answer has status 500', { key: 'a:b' }, 500],
    ['elsewhere closes the connection', broken, 'closed'],
  ])('%s, and is in the log', async (_, settings, expected) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    // Without its methods, every route fails.
    const controller = {} as Controller;
    const limits = { uriLimit: 1000, payloadLimit: 1000, idleLimit: 1000 };
    const server = createServer((message, response) => {
      void dispatch(message, response, controller, Object.setPrototypeOf(settings, limits) as DispatchSettings);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/v1/web/guest/default/echo`;
    const status = await send(url).then((reply) => reply.status, () => 'closed'); // prettier-ignore
    expect([status, log.mock.calls]).toEqual([expected, [['modelwhisk: the gateway failed:', expect.any(TypeError)]]]);
    log.mockRestore();
    server.close();
  });
});
