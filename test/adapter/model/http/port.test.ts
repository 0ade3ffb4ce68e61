import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isPortTaken } from '../../../../adapter/model/http/port.ts';
import { freePort } from '../../../support/free-port.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(port: number, host?: string): Promise<void> {
  const server = createServer().listen(port, host);
  servers.push(server);
  await once(server, 'listening');
}

test.each([['127.0.0.1'], ['::1'], ['0.0.0.0'], [undefined]])('a port is taken by a server on %s', async (host) => {
  const port = await freePort();
  await listen(port, host);
  expect(await isPortTaken(port)).toBe(true);
});

test('a server on another loopback address takes the port only on systems where that matters', async () => {
  const port = await freePort();
  await listen(port, '127.0.0.2');
  expect(await isPortTaken(port)).toBe(false);
});

test('a port without a server is not taken, and free afterwards', async () => {
  const port = await freePort();
  expect(await isPortTaken(port)).toBe(false);
  await listen(port);
});

test('a port that only the superuser may open is not taken', async () => {
  expect(await isPortTaken(1)).toBe(false);
});
