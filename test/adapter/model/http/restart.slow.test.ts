import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entrypoint, isAlive, startFixture } from './start.ts';
import type { Started } from './start.ts';

const pidOf = async ({ get }: Started): Promise<number> =>
  (JSON.parse(await get('/environment')) as { pid: number }).pid;

test('a server that crashes between calls is restarted, and the next call is answered', async () => {
  const fixture = await startFixture({});
  const first = await pidOf(fixture);
  process.kill(first, 'SIGKILL');
  await expect
    .poll(() => fixture.lines.join('\n'), { timeout: 10_000 })
    .toMatch(/was killed by SIGKILL.*; restarting it \(1 of 5\)/);
  expect(await pidOf(fixture)).not.toBe(first);
});

test('a call to a server that is being killed behind a shell goes to the next one', async () => {
  const base = { entrypoint: ['/bin/sh', '-c', '"$@"; exit $?', 'sh', ...entrypoint], command: null, environment: {} };
  const fixture = await startFixture({}, {}, { base });
  for (let count = 0; count < 5; count += 1) {
    const first = await pidOf(fixture);
    process.kill(first, 'SIGKILL');
    expect(await pidOf(fixture)).not.toBe(first);
  }
});

test('a failed restart is repeated', async () => {
  const failOnce = join(tmpdir(), `modelwhisk-test-${process.pid}-fail-once`);
  const fixture = await startFixture({ FAIL_ONCE: failOnce }, {}, { restart: { delay: 10 } });
  const first = await pidOf(fixture);
  writeFileSync(failOnce, '');
  process.kill(first, 'SIGKILL');
  await expect.poll(() => fixture.lines.join('\n')).toContain('restarting it');
  expect(await pidOf(fixture)).not.toBe(first);
  expect(fixture.lines.join('\n')).toContain('model server failed to start (2 of 5)');
});

test('a crash loop ends, and every call gets an error about it, with the last output', async () => {
  const { get, lines } = await startFixture({}, {}, { restart: { limit: 3, delay: 1 } });
  for (let count = 0; count < 3; count += 1) {
    await expect(get('/crash')).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
  }
  for (let count = 0; count < 2; count += 1) {
    await expect(get('/')).rejects.toMatchObject({
      code: 'MODEL_CRASHED',
      message: expect.stringMatching(/failed 3 times in a row[^]*exited with code 1$/) as string,
      output: expect.stringContaining('ouch') as string,
    });
  }
  expect(lines.at(-1)).toContain('giving up (3 of 3)');
});

test('after a pause, a call starts a server again whose restarts have stopped', async () => {
  const { get } = await startFixture({}, {}, { restart: { limit: 1, longestDelay: 50 } });
  await expect(get('/crash')).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
  await expect.poll(() => get('/').catch(() => 'not yet')).toBe('ok');
});

test('an answered call resets the count of failures', async () => {
  const { get } = await startFixture({}, {}, { restart: { limit: 2 } });
  for (let count = 0; count < 4; count += 1) {
    await expect(get('/crash')).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
    expect(await get('/')).toBe('ok');
  }
});

test('a server that hangs is killed and restarted after several calls ran out of time', async () => {
  const fixture = await startFixture({}, {}, { restart: { timeouts: 2 }, stopGrace: 100 });
  const first = await pidOf(fixture);
  process.kill(first, 'SIGSTOP');
  for (let count = 0; count < 2; count += 1) {
    await expect(fixture.get('/', 100)).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
  }
  await expect.poll(() => isAlive(first), { timeout: 20_000 }).toBe(false);
  expect(await pidOf(fixture)).not.toBe(first);
  expect(fixture.lines.join('\n')).toContain('model server hangs: 2 calls in a row ran out of time');
});

test('a server that is only slow is not restarted', async () => {
  const fixture = await startFixture({}, {}, { restart: { timeouts: 2 } });
  const first = await pidOf(fixture);
  for (let count = 0; count < 4; count += 1) {
    await expect(fixture.get('/slow', 50)).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
  }
  expect(await pidOf(fixture)).toBe(first);
});

describe('a server that puts itself in the background', () => {
  test('is called, found dead when it is, restarted, and stopped', async () => {
    const fixture = await startFixture({ BACKGROUND: '0' }, { background: true });
    const first = await pidOf(fixture);
    process.kill(first, 'SIGKILL');
    // A call at the moment of the kill may fail, because it is unknown whether the server has read it.
    await expect.poll(() => pidOf(fixture).catch(() => first)).not.toBe(first);
    const second = await pidOf(fixture);
    await fixture.server.close();
    expect(isAlive(second)).toBe(false);
  });

  test('fails to start when its command ends with an error', async () => {
    const { server } = await startFixture({ BACKGROUND: '9' }, { background: true });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringContaining('exited with code 9') as string,
    });
  });

  test('needs its row to say so', async () => {
    const { server } = await startFixture({ BACKGROUND: '0' });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      hint: expect.stringContaining('"background": true') as string,
    });
  });
});
