import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { modelServerKinds, startFixture } from './model-servers.ts';

type Started = Awaited<ReturnType<typeof startFixture>>;

describe.each(modelServerKinds)('a broken request to %s', (kind) => {
  let started: Started;
  beforeAll(async () => {
    started = await startFixture('fragile.mjs', kind);
  });
  afterAll(() => started.adapter.stop());

  function open(): Socket {
    return connect(started.port, '127.0.0.1').setEncoding('latin1');
  }

  /** Writes to a new connection. Resolves with all that was received until it was closed. */
  async function exchange(...parts: readonly string[]): Promise<string> {
    const socket = open();
    for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
    return (await socket.toArray()).join('');
  }

  async function echo(): Promise<string> {
    return exchange('POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok');
  }

  const chunked = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;

  test.each([
    ['first', ['zz\r\n']],
    ['later', ['2\r\nok\r\n', 'zz\r\n']],
  ])('whose %s chunk is malformed gets a 400, and the next call is answered', async (_which, chunks) => {
    const reply = await exchange(chunked('/late-echo'), ...chunks);
    expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"the request is malformed: [^]*$/);
    expect(await echo()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*ok/);
  });

  test('with a transfer coding that is not known gets a 501', async () => {
    const head = 'POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n';
    expect(await exchange(head, '2\r\nok\r\n0\r\n\r\n')).toMatch(/^HTTP\/1\.1 501 [^]*\\"gzip, chunked\\"/);
  });

  test('whose reply has a transfer coding that no caller knows gets a 502', async () => {
    const reply = await exchange('GET /coded HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(reply).toMatch(/^HTTP\/1\.1 502 [^]*the transfer coding \\"gzip, chunked\\"/);
    expect(await echo()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*ok/);
  });

  test('that its caller breaks off at once does not disturb the next call', async () => {
    for (const part of ['', '2\r\nok\r\n']) {
      const socket = open();
      socket.write(chunked('/late-echo') + part);
      await once(socket, 'connect');
      socket.resetAndDestroy();
    }
    expect(await echo()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*ok/);
  });

  describe.each([
    ['an upgrade', 'GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('that is followed by %s at once', (_what, next) => {
    test('and a reset disturbs no other call', async () => {
      const other = fetch(`http://127.0.0.1:${started.port}/later`);
      const socket = open();
      socket.write(`GET /later HTTP/1.1\r\nHost: a\r\n\r\n${next}`);
      await once(socket, 'connect');
      // The adapter has read both requests when it has answered a later one.
      await echo();
      socket.resetAndDestroy();
      expect(await (await other).text()).toBe('later');
    });

    test('gets its whole reply first', async () => {
      const socket = open();
      socket.write(`GET /large HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`);
      const [begin] = (await once(socket, 'data')) as [string];
      socket.pause();
      socket.write(next);
      await echo();
      expect(begin.length + (await socket.toArray()).join('').length).toBeGreaterThan(200 * 65_536);
    });
  });

  // An app in process does not restart.
  const statuses = kind === 'an http model server' ? [3] : [];
  test.for(statuses)('that is broken off while the model server restarts after exit code %i', async () => {
    expect(await exchange('GET /exit HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('MODEL_CRASHED');
    const socket = open();
    socket.write(`${chunked('/echo')}2\r\nok\r\n`);
    await once(socket, 'connect');
    socket.resetAndDestroy();
    expect(await echo()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*ok/);
  });
});

test('an app that throws while a body arrives fails that call alone, with one reply', async () => {
  const { port, adapter } = await startFixture('fragile.mjs', 'an Express app');
  const others = [1, 2].map(async () => (await fetch(`http://127.0.0.1:${port}/later`)).text());
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let received = '';
  socket.on('data', (text: string) => (received += text));
  socket.write('POST /throw HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst');
  await eventually('a reply', () => received, Boolean);
  socket.write('later');
  expect(await Promise.all(others)).toEqual(['later', 'later']);
  socket.write('GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  expect(received.match(/^HTTP.*/gm)).toEqual(['HTTP/1.1 502 Bad Gateway', 'HTTP/1.1 200 OK']);
  await adapter.stop();
});
