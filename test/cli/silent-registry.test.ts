import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildCli } from '../support/build-cli.ts';

/** The first byte of a TLS handshake (RFC 8446, section 5.1). */
const handshake = 0x16;

describe('a registry that takes a request and never answers', () => {
  let server: Server;
  let host: string;
  let asked: Promise<unknown>;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      // It speaks no TLS.
      socket.once('data', (data) => (data[0] === handshake ? socket.destroy() : server.emit('asked')));
    }).listen(0, '127.0.0.1');
    asked = once(server, 'asked');
    await once(server, 'listening');
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  test.each<[command: string, words: (registry: string) => string[]]>([
    ['verify', (registry) => [`${registry}/me/x`]],
    ['copy', (registry) => [`${registry}/me/x`, `${registry}/me/y`]],
    ['rewrap', (registry) => [`${registry}/me/x`, '--engine', 'registry']],
    ['build', (registry) => ['--image', `${registry}/me/x`, '--username', 'me', '--engine', 'registry']],
  ])('%s ends with 130 on Ctrl+C', async (command, words) => {
    const interruption = new AbortController();
    const running = buildCli([command, ...words(host)], {}, interruption.signal);
    await asked;
    interruption.abort();
    expect(await running).toMatchObject({ exitCode: 130, stderr: 'error: interrupted\n' });
  });
});
