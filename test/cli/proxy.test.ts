import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../build.ts');
const image = 'registry.example.test/me/x';

/** A proxy that lets nobody through. */
const proxy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(403).end();
}).on('connect', (request, socket) => {
  asked.push(`CONNECT ${request.url}`);
  socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
});
let url: string;
const asked: string[] = [];

beforeAll(async () => {
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});

test.each<[variable: string, words: string[], expected: string]>([
  ['HTTPS_PROXY', ['verify', image], 'CONNECT registry.example.test:443'],
  ['HTTP_PROXY', ['verify', image, '--insecure', 'registry.example.test'], 'GET http://registry.example.test/v2/'],
])('./build.ts reaches a registry through %s, and tells its refusal in words', async (variable, words, expected) => {
  asked.splice(0);
  const { exitCode, stderr } = await execa(program, words, { env: { [variable]: url }, reject: false });
  expect(asked[0]).toBe(expected);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: .*\n {2}hint: .*$/);
});
