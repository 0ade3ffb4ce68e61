import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../../support/free-port.ts';
import { isAlive, startFixture } from './start.ts';

describe('ready', () => {
  test.each([
    ['the port accepts connections', { kind: 'port' }, {}],
    ['the port accepts connections on ::1 alone', { kind: 'port' }, { HOST: '::1' }],
    ['GET answers a status in the range', { kind: 'get', path: '/health', status: [200, 399] }, { LOADING: '3' }],
    [
      'GET answers a status the row takes for ready',
      { kind: 'get', path: '/health', status: [503, 503] },
      { LOADING: '3' },
    ],
    [
      'a JSON field has the value',
      { kind: 'json', path: '/state', field: 'versions.0.state', equals: 'AVAILABLE' },
      { LOADING: '3' },
    ],
    [
      'a JSON field that is no string has the value',
      { kind: 'json', path: '/state', field: 'versions.0.version', equals: '3' },
      {},
    ],
  ] as const)('once %s', async (_, ready, environment) => {
    const { server, lines, get } = await startFixture(environment, { ready: ready as never });
    await server.ready();
    expect(await get('/')).toBe('ok');
    expect(lines.join('\n')).toMatch(/^model server ready after \d+ ms \(process \d+\)$/);
  });

  test.each([
    ['a status', { kind: 'get', path: '/health', status: [200, 399] }, 'GET /health answered 503'],
    [
      'a field',
      { kind: 'json', path: '/state', field: 'versions.0.state', equals: 'UP' },
      'GET /state answered 200, versions.0.state LOADING',
    ],
    ['a missing field', { kind: 'json', path: '/state', field: 'a.b', equals: 'UP' }, 'a.b is not there'],
  ] as const)('fails at its deadline, naming %s that was not right', async (_, ready, message) => {
    const { server } = await startFixture({ LOADING: '999999' }, { ready: ready as never }, { startTimeout: 2500 });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringContaining(message) as string,
    });
  });

  test('fails at once with the last output when the process ends', async () => {
    const { server, lines } = await startFixture({ FAIL_ALWAYS: '1' });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: 'the model server exited with code 7 before it was ready',
      output: 'cannot load the weights\nno such file: weights.bin',
    });
    expect(lines).toEqual(['model: cannot load the weights', 'model: no such file: weights.bin']);
  });

  test('fails when the command cannot be started, and shows it', async () => {
    const base = { entrypoint: ['/no/such/program'], command: ['--flag'], environment: {} };
    const { server } = await startFixture({}, {}, { base });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringContaining('["/no/such/program","--flag"]') as string,
      cause: { code: 'ENOENT' },
    });
  });

  test('fails when the port is taken, instead of calling the program that uses it', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { server } = await startFixture({}, { port });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringContaining(`port ${port}`) as string,
    });
    other.close();
  });

  test('a call before the server is ready waits for it, until its deadline', async () => {
    const ready = { kind: 'get', path: '/health', status: [200, 399] } as const;
    const { get } = await startFixture({ LOADING: '5' }, { ready: { ...ready, status: [200, 399] } });
    expect(await get('/')).toBe('ok');
    const slow = await startFixture({ LOADING: '999999' }, { ready: { ...ready, status: [200, 399] } });
    await expect(slow.get('/', 100)).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
  });
});

test('the server runs in the working directory of its image, with the environment given and nothing else', async () => {
  const directory = realpathSync(tmpdir());
  const { get } = await startFixture({}, {}, { directory, environment: { PATH: '/bin' } });
  const seen = JSON.parse(await get('/environment')) as { environment: Record<string, string>; directory: string };
  expect(seen.directory).toBe(directory);
  expect(Object.keys(seen.environment).toSorted()).toEqual(['MODELWHISK_CHILD', 'PATH', 'PORT']);
});

describe('configure', () => {
  test('restarts the server once for new variables', async () => {
    const { server, get } = await startFixture({});
    await server.ready();
    const pidOf = async (): Promise<number> => (JSON.parse(await get('/environment')) as { pid: number }).pid;
    const first = await pidOf();
    await server.configure({ CORS_ENABLE: 'true' });
    const second = await pidOf();
    expect(second).not.toBe(first);
    expect(isAlive(first)).toBe(false);
    expect(await get('/environment')).toContain('"CORS_ENABLE":"true"');
    await server.configure({ CORS_ENABLE: 'true' });
    await server.configure({});
    expect(await pidOf()).toBe(second);
  });

  test('does not restart the server for OpenWhisk’s variables of the activation', async () => {
    const { server, get } = await startFixture({});
    await server.ready();
    const before = await get('/environment');
    await server.configure({ __OW_ACTIVATION_ID: '5f1c', __OW_DEADLINE: '1795255200000' });
    expect(await get('/environment')).toBe(before);
  });

  test('before the server is ready restarts it with the variables', async () => {
    const { server, get } = await startFixture({});
    await server.configure({ CORS_ENABLE: 'true' });
    expect(await get('/environment')).toContain('"CORS_ENABLE":"true"');
  });
});

describe('close', () => {
  test.each([
    ['a grandchild', 'GRANDCHILD'],
    ['a daemon that left the process group', 'DAEMON'],
  ])('leaves nothing behind: not %s that ignores SIGTERM', async (_, variable) => {
    const pidFile = join(tmpdir(), `modelwhisk-test-${process.pid}-${variable}`);
    const { server, get } = await startFixture({ [variable]: pidFile }, {}, { stopGrace: 200 });
    await server.ready();
    const { pid } = JSON.parse(await get('/environment')) as { pid: number };
    const sleeper = Number(readFileSync(pidFile, 'utf8'));
    expect([pid, sleeper].map(isAlive)).toEqual([true, true]);
    // Give the program the time to set its signal handler.
    await sleep(300);
    await server.close();
    expect([pid, sleeper].map(isAlive)).toEqual([false, false]);
  });

  test('ends running calls and refuses later ones', async () => {
    const { server, get } = await startFixture({});
    await server.ready();
    const running = get('/slow').catch((error: unknown) => error);
    // The model server gets calls in their order, so that it has the first one when it has answered the second.
    await get('/');
    await server.close();
    expect(await running).toMatchObject({ code: 'SHUT_DOWN' });
    await expect(get('/')).rejects.toMatchObject({ code: 'MODEL_UNREACHABLE' });
  });

  test('while the server starts leaves nothing behind', async () => {
    const ready = { kind: 'get', path: '/health', status: [200, 399] } as const;
    const { server, port } = await startFixture({ LOADING: '999999' }, { ready: { ...ready, status: [200, 399] } });
    const failed = server.ready().catch((error: unknown) => error);
    await sleep(200);
    await server.close();
    expect(await failed).toMatchObject({ code: 'MODEL_UNREACHABLE' });
    const free = createServer().listen(port, '127.0.0.1');
    await once(free, 'listening');
    free.close();
  });
});
