import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { HttpTransportType, type HubConnection, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectionInfo, sendMessages } from '../../../azure/functions/signalr-output.ts';
import type { Listening } from '../../../azure/listen.ts';
import type { SignalRAccount } from '../../../azure/signalr/connection-string.ts';
import { startSignalR } from '../../../azure/signalr/server.ts';
import { signToken } from '../../../azure/signalr/token.ts';
import { freePort } from '../../support/free-port.ts';

let account: SignalRAccount;
let service: Listening;
const connections: HubConnection[] = [];

beforeAll(async () => {
  account = { endpoint: `http://127.0.0.1:${await freePort()}`, key: 'a key of the tests, with 32 bytes or more' };
  service = await startSignalR(account);
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map(async (connection) => connection.stop()));
});
afterAll(async () => service.close());

/** Microsoft's client, connected to a hub. */
async function connect(hub: string, transport?: HttpTransportType): Promise<HubConnection> {
  const { url, accessToken } = await connectionInfo(account, hub);
  const connection = new HubConnectionBuilder()
    .withUrl(url, { ...(transport !== undefined && { transport }), accessTokenFactory: () => accessToken })
    .configureLogging(LogLevel.None)
    .build();
  connections.push(connection);
  await connection.start();
  return connection;
}

function next(connection: HubConnection): Promise<unknown> {
  return new Promise((resolve) => connection.on('newResult', resolve));
}

describe("Microsoft's client", () => {
  test.each([
    ['WebSockets', HttpTransportType.WebSockets],
    ['server-sent events', HttpTransportType.ServerSentEvents],
    ['the transport that it chooses', undefined],
  ])('gets a message over %s', async (_name, transport) => {
    const received = next(await connect('results', transport));
    await sendMessages(account, 'results', {
      target: 'newResult',
      arguments: [{ url: 'https://é/7.png', big: '9'.repeat(9) }],
    });
    expect(await received).toEqual({ url: 'https://é/7.png', big: '999999999' });
  });

  test('gets the messages of its own hub only, each once and in order', async () => {
    const [one, other] = [await connect('results'), await connect('others')];
    const seen: unknown[] = [];
    one.on('newResult', (value) => seen.push(value));
    const last = new Promise((resolve) => other.on('last', resolve));
    await sendMessages(
      account,
      'RESULTS',
      [1, 2, 3].map((value) => ({ target: 'newResult', arguments: [value] })),
    );
    await sendMessages(account, 'others', { target: 'last', arguments: ['end'] });
    expect(await last).toBe('end');
    await expect.poll(() => seen).toEqual([1, 2, 3]);
  });

  test('learns that the hub has no methods', async () => {
    await expect((await connect('results')).invoke('upload', 1)).rejects.toThrow('This hub only sends.');
  });

  test('is refused with a token of another key, or of another hub', async () => {
    const forged = await connectionInfo({ ...account, key: 'another key, which also has 32 bytes or more' }, 'results');
    const foreign = await connectionInfo(account, 'others');
    for (const accessToken of [forged.accessToken, foreign.accessToken, '']) {
      const connection = new HubConnectionBuilder()
        .withUrl(forged.url, { accessTokenFactory: () => accessToken })
        .configureLogging(LogLevel.None)
        .build();
      await expect(connection.start()).rejects.toThrow('401');
    }
  });

  test('reads that the service ends', async () => {
    const own = { ...account, endpoint: `http://127.0.0.1:${await freePort()}` };
    const ending = await startSignalR(own);
    const { url, accessToken } = await connectionInfo(own, 'results');
    const connection = new HubConnectionBuilder()
      .withUrl(url, { accessTokenFactory: () => accessToken })
      .configureLogging(LogLevel.None)
      .build();
    await connection.start();
    const closed = new Promise((resolve) => connection.onclose(() => resolve('closed')));
    await ending.close();
    expect(await closed).toBe('closed');
  });
});

describe('a client that opens its connections itself', () => {
  /** Server-sent events of these ids, asked for on one connection. */
  async function openStreams(...ids: readonly string[]) {
    const { url, accessToken } = await connectionInfo(account, 'results');
    const address = (id: string): URL => new URL(`${url}&id=${id}`);
    const socket = connectTcp(Number(address('').port), address('').hostname).on('error', () => undefined);
    const headers = `Host: a\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`;
    for (const id of ids) socket.write(`GET ${address(id).pathname}${address(id).search} HTTP/1.1\r\n${headers}`);
    /** The status of a message from the client to its connection: 404 if there is none. */
    const say = async (id: string, body: string): Promise<number> => {
      const init = { method: 'POST', body, headers: { Authorization: `Bearer ${accessToken}` } };
      return (await fetch(address(id), init)).status;
    };
    const isKnown = async (id: string): Promise<boolean> => (await say(id, '')) === 200;
    for (const id of ids) await expect.poll(async () => isKnown(id)).toBe(true);
    return { socket, say, isKnown };
  }

  test('is forgotten when it leaves, with each of its pipelined connections', async () => {
    const { socket, isKnown } = await openStreams('one', 'two');
    socket.destroy();
    await expect.poll(async () => [await isKnown('one'), await isKnown('two')]).toEqual([false, false]);
  });

  test('is forgotten when a later connection has its id, which stays', async () => {
    const first = await openStreams('same');
    const second = await openStreams('same');
    const closed = once(first.socket, 'close');
    first.socket.destroy();
    await closed;
    await openStreams('another');
    expect(await second.isKnown('same')).toBe(true);
    second.socket.destroy();
  });

  test('is disconnected if it does not read', async () => {
    const { socket, say, isKnown } = await openStreams('silent');
    socket.pause();
    await say('silent', '{"protocol":"json","version":1}\u001e');
    const message = { target: 'newResult', arguments: ['x'.repeat(1_000_000)] };
    const sent = async (): Promise<boolean> => {
      await sendMessages(account, 'results', message);
      return isKnown('silent');
    };
    await expect.poll(sent, { timeout: 20_000, interval: 0 }).toBe(false);
    socket.destroy();
  });

  test('is disconnected if it does not read its WebSocket', async () => {
    const { url, accessToken } = await connectionInfo(account, 'unread');
    const socket = new WebSocket(`${url.replace('http', 'ws')}&access_token=${accessToken}`);
    await once(socket, 'open');
    socket.send('{"protocol":"json","version":1}\u001e');
    await once(socket, 'message');
    socket.pause();
    const message = { target: 'newResult', arguments: ['x'.repeat(1_000_000)] };
    let closed = false;
    socket.on('error', () => undefined).once('close', () => (closed = true));
    for (let sent = 0; sent < 40; sent += 1) await sendMessages(account, 'unread', message);
    socket.resume();
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
  });
});

describe('the REST API', () => {
  const body = JSON.stringify({ target: 'newResult', arguments: [7] });
  const send = async (path: string, token: string, init: RequestInit = {}): Promise<number> => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(account.endpoint + path, { method: 'POST', body, headers, ...init })).status;
  };

  test.each(['/api/v1/hubs/results', '/api/hubs/results/:send?api-version=2022-06-01'])('sends by %s', async (path) => {
    const received = next(await connect('results'));
    expect(await send(path, await signToken(account, account.endpoint + path))).toBe(202);
    expect(await received).toBe(7);
  });

  test.each<[what: string, path: string, audience: string | undefined, init: RequestInit, status: number]>([
    ['no token', '/api/v1/hubs/results', undefined, {}, 401],
    ['a token for clients', '/api/v1/hubs/results', '/client/?hub=results', {}, 401],
    ['a body that is not a message', '/api/v1/hubs/results', '/api/v1/hubs/results', { body: '[' }, 400],
    ['a message without a method', '/api/v1/hubs/results', '/api/v1/hubs/results', { body: '{"arguments":[]}' }, 400],
    ['a message to one user', '/api/v1/hubs/results/users/me', '/api/v1/hubs/results', {}, 404],
    ['another method', '/api/v1/hubs/results', '/api/v1/hubs/results', { method: 'PUT' }, 404],
    ['a malformed target', '//', '/api/v1/hubs/results', {}, 404],
  ])('answers %s', async (_what, path, audience, init, status) => {
    const token = audience === undefined ? 'none' : await signToken(account, account.endpoint + audience);
    expect(await send(path, token, init)).toBe(status);
  });

  test('says that it is healthy', async () => {
    expect((await fetch(`${account.endpoint}/api/v1/health`)).status).toBe(200);
  });
});

test('a page of another host may connect, with credentials', async () => {
  const response = await fetch(`${account.endpoint}/client/negotiate?hub=results`, {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://localhost:8000',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,x-signalr-user-agent',
    },
  });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': 'http://localhost:8000',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': 'authorization,x-signalr-user-agent',
  });
});

test('an address in use is an error with a hint', async () => {
  await expect(startSignalR(account)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});
