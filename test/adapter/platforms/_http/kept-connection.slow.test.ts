import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { forThisTest } from '../../adapter-process.ts';
import { modelServerKinds, startFixture } from './model-servers.ts';

type Started = Awaited<ReturnType<typeof startFixture>>;

describe.each(modelServerKinds)('a connection that is kept, in front of %s', (kind) => {
  function start(environment: Readonly<Record<string, string>> = {}): Promise<Started> {
    return forThisTest(startFixture('kept.mjs', kind, environment));
  }

  let shared: Started;
  beforeAll(async () => {
    shared = await startFixture('kept.mjs', kind, { MODELWHISK_HTTP_TIMEOUT: '1500' });
  });
  afterAll(async () => void (await shared.adapter.stop()));

  test('whose caller leaves ends its calls, also those behind the first', async () => {
    const { port, adapter } = await start();
    const socket = open(port, get('/endless') + get('/hang') + get('/endless') + get('/later'));
    await once(socket, 'data');
    socket.destroy();
    const lines = (): string[] =>
      adapter.output().stdout.match(/"status":\d+,"code":"HTTP_REQUEST"|"status":499/g) ?? [];
    await eventually('each call is logged as left', lines, ({ length }) => length === 4);
    expect(await adapter.stop()).toBe(0);
  });

  test('whose caller closes its sending half ends its call', async () => {
    const { port, adapter } = shared;
    const socket = open(port, get('/hang'));
    socket.end();
    await once(socket.resume(), 'close');
    await expect.poll(() => adapter.output().stdout).toContain('"path":"/hang","status":499');
  });

  const known = [`Content-Length: ${4 << 20}`, '', ''] as const;
  const chunked = ['Transfer-Encoding: chunked', `${(4 << 20).toString(16)}\r\n`, '\r\n0\r\n\r\n'] as const;
  test.each([
    ['of known length', 'answered early', '/early', known, /^HTTP\/1.1 200 /],
    ['in chunks', 'answered early', '/early', chunked, /^HTTP\/1.1 200 /],
    ['of known length', 'not answered in time', '/hang', known, /^HTTP\/1.1 504 /],
    ['in chunks', 'not answered in time', '/hang', chunked, /^HTTP\/1.1 504 /],
    ['of known length', 'broken off', '/break', known, /^HTTP\/1.1 502 /],
    ['in chunks', 'broken off', '/break', chunked, /^HTTP\/1.1 502 /],
  ] as const)('takes its next call behind a body %s that was %s', async (_how, _when, path, framing, status) => {
    const { port } = shared;
    const [header, before, after] = framing;
    const half = 'x'.repeat(2 << 20);
    const socket = open(port, `POST ${path} HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${before}${half}`);
    expect(await once(socket, 'data')).toEqual([expect.stringMatching(status)]);
    socket.write(`${half}${after}${get('/later', 'Connection: close')}`);
    expect(await rest(socket)).toMatch(/HTTP\/1.1 200 OK\r\n[^]*later$/);
  });

  test('closes at SIGTERM once a stream that has begun is at its end', async () => {
    const { port, adapter } = await start();
    const socket = open(port, get('/stream'));
    await once(socket, 'data');
    const ended = adapter.stop();
    expect(await rest(socket)).toMatch(/last\r\n0\r\n\r\n$/);
    expect(await ended).toBe(0);
  });

  test('closes at SIGTERM once all of its calls are answered', async () => {
    const { port, adapter } = await start();
    const socket = open(port, get('/later') + get('/stream') + get('/later'));
    // They have arrived together with a later one on another connection.
    await rest(open(port, get('/', 'Connection: close')));
    const ended = adapter.stop();
    const text = await rest(socket);
    expect(text.match(/HTTP\/1.1 200 OK|later|first,|last/g)).toEqual(
      ['HTTP/1.1 200 OK', 'later', 'HTTP/1.1 200 OK', 'first,', 'last', 'HTTP/1.1 200 OK', 'later'], // prettier-ignore
    );
    expect(await ended).toBe(0);
  });

  test('whose caller reads nothing is closed when the time of its call is over', async () => {
    const { port, adapter } = await start({ MODELWHISK_HTTP_TIMEOUT: '1500' });
    const socket = open(port, get('/large'));
    await once(socket, 'data');
    socket.pause();
    expect(await adapter.stop()).toBe(0);
    socket.destroy();
  });
});

describe.each(modelServerKinds)('trailers of %s', (kind) => {
  let started: Started;
  beforeAll(async () => {
    started = await startFixture('kept.mjs', kind);
  });
  afterAll(async () => void (await started.adapter.stop()));

  test.each([
    ['a caller that takes them', '1.1', 'TE: gzip;q=0.5, trailers', 'Trailer: X-Checksum', 'X-Checksum: abc'],
    ['no other', '1.1', 'TE: gzip', undefined, undefined],
    ['no caller of HTTP/1.0', '1.0', 'TE: trailers', undefined, undefined],
  ])('are announced and sent to %s', async (_caller, version, te, announced, sent) => {
    const request = `GET /trailers HTTP/${version}\r\nHost: a\r\nConnection: TE, close\r\n${te}\r\n\r\n`;
    const [head = '', ...body] = (await rest(open(started.port, request))).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(/^Trailer: .*$/m.exec(head)?.[0]).toBe(announced);
    expect(/^X-Checksum: .*$/m.exec(body.join('\n'))?.[0]).toBe(sent);
  });
});

function open(port: number, requests: string): Socket {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(requests);
  return socket;
}

function get(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
}

/** All that still arrives, until the connection is closed. */
async function rest(socket: Socket): Promise<string> {
  return (await socket.toArray()).join('');
}
