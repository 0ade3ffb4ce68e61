import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../../adapter/platforms/_http/listen.ts';
import type { PlatformContext } from '../../../../adapter/platforms/platform.ts';
import { freePort } from '../../../support/free-port.ts';
import type { ChildProcess } from '../../adapter-process.ts';
import { startCustomHandler } from '../azure/custom-handler.ts';
import { fileRow } from '../lambda/fixtures.ts';
import { modelServerKinds, startFixture, type ModelServerKind } from './model-servers.ts';

let port: number;

/** Starts the adapter in front of the fixture as this kind of model server. */
function start(kind: ModelServerKind): void {
  let adapter: ChildProcess;
  beforeAll(async () => {
    ({ port, adapter } = await startFixture('interim.mjs', kind));
  });
  afterAll(async () => void (await adapter.stop()));
}

function open(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): ClientRequest {
  return request({ host: '127.0.0.1', port, path, method, headers, agent: false });
}

async function reply(outgoing: ClientRequest): Promise<{ status: number | undefined; text: string }> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode, text: (await incoming.toArray()).join('') };
}

describe.each(modelServerKinds)('replies before the reply of %s', (kind) => {
  start(kind);

  test("103: the model server's links reach the caller before the reply", async () => {
    const outgoing = open('/hints');
    const hints: unknown[] = [];
    outgoing.on('information', ({ statusCode, headers }) => hints.push([statusCode, headers['link']]));
    outgoing.end();
    expect(await reply(outgoing)).toEqual({ status: 200, text: 'hinted' });
    expect(hints).toEqual([[103, '</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script']]);
  });

  test('103: a caller of HTTP/1.0 gets the reply alone', async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write('GET /hints HTTP/1.0\r\nHost: a\r\n\r\n');
    const received = (await socket.toArray()).join('');
    expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });

  test('100: a caller that waits for it sends its body then', async () => {
    const outgoing = open('/echo', { Expect: '100-continue', 'Content-Length': '4' }, 'POST');
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('body');
    expect(await reply(outgoing)).toEqual({ status: 200, text: 'body' });
  });
});

test('100: Azure sends none before the 413 for a request over its limit', async () => {
  const handler = await startCustomHandler(fileRow);
  ({ port } = handler);
  const outgoing = open('/api/mirror', { Expect: '100-continue', 'Content-Length': '104857601' }, 'POST');
  let continues = 0;
  outgoing.on('continue', () => (continues += 1)).flushHeaders();
  const { status } = await reply(outgoing);
  outgoing.destroy();
  await handler.stop();
  expect([continues, status]).toEqual([0, 413]);
});

describe.each(modelServerKinds)('%s that states another length than it sends', (kind) => {
  start(kind);

  test('less is a broken reply', async () => {
    const outgoing = open('/short').end();
    await expect(reply(outgoing)).rejects.toThrow('aborted');
  });

  test('more is cut at the stated length, and the next call is answered', async () => {
    expect(await reply(open('/long').end())).toEqual({ status: 200, text: 'four' });
    expect(await reply(open('/hints').end())).toEqual({ status: 200, text: 'hinted' });
  });
});

test('no upload is cut off for its duration by node:http', async () => {
  const servers: Server[] = [];
  const note = (message: unknown): void => void servers.push((message as { server: Server }).server);
  subscribe('http.server.request.start', note);
  const own = await freePort();
  const configuration = { port: own, maximumHeaders: 65_536 };
  const context = { configuration, model: { close: () => Promise.resolve() } } as unknown as PlatformContext;
  const running = await listen(context, (_incoming, outgoing) => Promise.resolve(void outgoing.end()));
  await fetch(`http://127.0.0.1:${own}/`, { headers: { connection: 'close' } });
  unsubscribe('http.server.request.start', note);
  await running.close();
  expect(servers.map(({ requestTimeout }) => requestTimeout)).toEqual([0]);
});
