import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../../adapter/model/connection.ts';

describe('connectionPair', () => {
  it('carries bytes both ways, in order', async () => {
    const [client, server] = connectionPair();
    let received = '';
    server.on('data', (chunk: Buffer) => (received += chunk.toString()));
    client.write('pi');
    client.end('ng');
    await once(server, 'end');
    expect(received).toBe('ping');
    server.write('po');
    server.end('ng');
    expect((await buffer(client)).toString()).toBe('pong');
  });

  it('holds a writer back until the other end has read', async () => {
    const [client, server] = connectionPair();
    const megabyte = Buffer.alloc(1024 * 1024, 1);
    expect(client.write(megabyte)).toBe(false);
    let drained = false;
    client.once('drain', () => (drained = true));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(drained).toBe(false);
    server.resume();
    await once(client, 'drain');
  });

  it('half-closes: an end that has said all it had still hears the other', async () => {
    const [client, server] = connectionPair();
    client.end();
    server.resume();
    await once(server, 'end');
    server.end('still here');
    expect((await buffer(client)).toString()).toBe('still here');
  });

  it('shows a destroyed end to the other as the end of the stream, and refuses its writes with EPIPE', async () => {
    const [client, server] = connectionPair();
    server.resume();
    client.destroy();
    await once(server, 'end');
    server.write('anyone there?');
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EPIPE');
  });

  it('fails the write that the other end never read when that end is destroyed', async () => {
    const [client, server] = connectionPair();
    client.write(Buffer.alloc(1024 * 1024));
    server.destroy();
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EPIPE');
  });

  it('closes both ends when both have ended', async () => {
    const [client, server] = connectionPair();
    const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    client.end();
    server.end();
    client.resume();
    server.resume();
    await closed;
    expect(client.destroyed && server.destroyed).toBe(true);
  });
});
