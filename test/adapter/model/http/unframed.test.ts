import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as afterPoll } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unframedBody } from '../../../../adapter/model/http/unframed.ts';
import { freePort } from '../../../support/free-port.ts';

/** How a reply ends whose connection has ended, while this process is busy for 20 ms in each turn of its event loop. */
async function endOf(port: number): Promise<string> {
  const body = unframedBody(Readable.from([Buffer.from('x')]), '127.0.0.1', port).resume();
  const ends: string[] = [];
  body.on('end', () => ends.push('whole')).on('error', () => ends.push('broken'));
  while (ends.length === 0) {
    const began = performance.now();
    while (performance.now() - began < 20);
    await afterPoll();
  }
  return ends.join();
}

test('a reply that ends with its connection is broken if its server is gone, however busy this process is', async () => {
  const port = await freePort();
  for (let time = 0; time < 5; time += 1) expect(await endOf(port)).toBe('broken');
});

test('it is whole if its server still listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(await endOf((server.address() as AddressInfo).port)).toBe('whole');
  server.close();
});
