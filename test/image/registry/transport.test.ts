import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readBody, Transport } from '../../../image/registry/transport.ts';

test('only the reader of a body gets the error of a connection that broke earlier', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('five.');
    setTimeout(() => response.destroy(), 50);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = new Transport({ environment: {} });
  try {
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const response = await transport.send({ method: 'GET', url, signal: AbortSignal.timeout(10_000) });
    await new Promise((resolve) => response.body.once('close', resolve));
    await expect(readBody(response, 100)).rejects.toThrow(/^connection to 127\.0\.0\.1:\d+ failed/);
  } finally {
    transport.close();
    server.close();
  }
});
