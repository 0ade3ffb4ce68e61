import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendHttp } from '../../http-client.ts';
import { startCustomHandler } from '../azure/custom-handler.ts';
import { startOnPort } from '../http/start.ts';
import { fileRow } from '../lambda/fixtures.ts';
import { scfEnvironment } from '../scf/host.ts';
import { startListening } from '../../adapter-process.ts';

interface Entrance {
  readonly name: string;
  /** Prefix of the model server's paths. */
  readonly prefix: string;
  start(environment: Readonly<Record<string, string>>): Promise<{ port: number; stop: () => Promise<unknown> }>;
}

const entrances: readonly Entrance[] = [
  {
    name: 'plain HTTP',
    prefix: '',
    start: async (environment) => {
      const { port, adapter } = await startOnPort(fileRow, environment);
      return { port, stop: adapter.stop };
    },
  },
  {
    name: 'an SCF web function',
    prefix: '',
    start: async (environment) => {
      const { port, adapter } = await startListening(fileRow, (chosen) => ({
        ...scfEnvironment,
        MODELWHISK_PORT: chosen,
        ...environment,
      }));
      return { port, stop: adapter.stop };
    },
  },
  {
    name: 'a custom handler of Azure',
    prefix: '/api',
    start: (environment) => startCustomHandler(fileRow, environment),
  },
];

const request = (path: string, query = '', header = '') => ({
  method: 'GET',
  path,
  query,
  headers: header === '' ? [] : [['X-Token', header] as const],
  body: Buffer.alloc(0),
});

describe.each(entrances)('$name', ({ prefix, start }) => {
  let port: number;
  let stop: () => Promise<unknown>;
  beforeAll(async () => ({ port, stop } = await start({})));
  afterAll(() => stop());

  const a = (length: number): string => 'a'.repeat(length);

  test.each([
    ['a header of 20 KB', request(`${prefix}/seen`, '', a(20_000))],
    ['a query of 20 KB', request(`${prefix}/seen`, `q=${a(20_000)}`)],
    ['a path of 20 KB', request(`${prefix}/${a(20_000)}`)],
    ['60 KB of headers', request(`${prefix}/seen`, '', a(60_000))],
  ])('%s reaches the model server', async (_title, sent) => {
    const { status, body } = await sendHttp(port, sent);
    expect([
      status,
      Buffer.from(body)
        .toString()
        .match(/a+/g)
        ?.some(({ length }) => length >= 20_000),
    ]).toEqual([200, true]);
  });

  test.each([
    ['a header', request(`${prefix}/seen`, '', a(70_000))],
    ['a query', request(`${prefix}/seen`, `q=${a(300_000)}`)],
  ])('%s beyond 64 KB is a 431 that says so, and the next request is answered', async (_title, sent) => {
    const { status, body } = await sendHttp(port, sent);
    expect([status, JSON.parse(Buffer.from(body).toString())]).toEqual([
      431,
      {
        message: 'the request line and headers take more than 65536 bytes',
        code: 'HTTP_REQUEST',
        hint: 'send less, or set MODELWHISK_HEADERS_MAX_BYTES to allow more',
      },
    ]);
    expect((await sendHttp(port, request(`${prefix}/seen`))).status).toBe(200);
  });

  test('bytes that are not HTTP get a 400 that says so', async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    let received = '';
    socket.on('data', (text: string) => (received += text));
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"the request is malformed: /);
  });
});

test('MODELWHISK_HEADERS_MAX_BYTES moves the limit', async () => {
  const [{ start }] = entrances as [Entrance];
  const { port, stop } = await start({ MODELWHISK_HEADERS_MAX_BYTES: '100000' });
  expect((await sendHttp(port, request('/seen', '', 'a'.repeat(90_000)))).status).toBe(200);
  expect((await sendHttp(port, request('/seen', '', 'a'.repeat(110_000)))).status).toBe(431);
  await stop();
});
