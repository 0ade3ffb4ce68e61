import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from '../../../gateway/page/event-stream.ts';
import { eventually } from '../../support/eventually.ts';

let events: EventStream;
const responses: ServerResponse[] = [];
const server = createServer((_message, response) => {
  responses.push(response);
  events.serve(response);
});
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  responses.splice(0);
  events = new EventStream({ actions: () => [], load: () => [] });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.close().closeAllConnections();
  vi.useRealTimers();
});

async function open(...methods: readonly string[]): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  for (const method of methods) socket.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  await eventually('the requests have arrived', () => responses.length, (count) => count === methods.length); // prettier-ignore
  return socket;
}

function noReaders(): Promise<number> {
  const isZero = (count: number): boolean => count === 0;
  return eventually('nobody gets events', () => vi.getTimerCount(), isZero, 5);
}

test('a caller that leaves is forgotten, with each request that it sent', async () => {
  const socket = await open('GET', 'GET');
  expect(vi.getTimerCount()).toBe(1);
  socket.destroy();
  expect(await noReaders()).toBe(0);
});

test('a caller that has left before the first event is not remembered', async () => {
  const socket = await open('HEAD');
  socket.destroy();
  const [response] = responses;
  if (response === undefined) throw new Error('there is no response');
  await eventually('the connection is closed', () => response.req.socket.destroyed, Boolean);
  response.req.method = 'GET';
  events.serve(response);
  expect(vi.getTimerCount()).toBe(0);
});

test('HEAD gets the head alone', async () => {
  const socket = await open('HEAD');
  const [reply] = (await once(socket, 'data')) as [Buffer];
  expect(reply.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  expect(vi.getTimerCount()).toBe(0);
  socket.destroy();
});

test('a caller that does not read is disconnected', async () => {
  const socket = await open('GET');
  const [response] = responses;
  await eventually(
    'the connection is closed',
    () => {
      events.add({ id: 'x'.repeat(200_000), action: 'a', end: 0, duration: 0, wait: 0, status: 200, instance: 1 });
      vi.advanceTimersByTime(200);
      return response?.req.socket.destroyed;
    },
    Boolean,
  );
  expect(await noReaders()).toBe(0);
  socket.destroy();
});
