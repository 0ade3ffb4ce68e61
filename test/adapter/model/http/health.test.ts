import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ReadyCheck } from '../../../../core/row.ts';
import { freePort } from '../../../support/free-port.ts';
import { startFixture } from './start.ts';
import type { Started } from './start.ts';

const start: typeof startFixture = async (environment, row, options) =>
  startFixture(environment, row, { health: { pause: 20 }, ...options });

const pidOf = async ({ get }: Started): Promise<number> =>
  (JSON.parse(await get('/environment')) as { pid: number }).pid;

const named: ReadyCheck = {
  kind: 'json',
  path: '/state',
  field: 'versions.0.state',
  equals: 'AVAILABLE',
  failed: ['SETUP_FAILED', 'UNHEALTHY'],
};
const unnamed: ReadyCheck = { kind: 'json', path: '/state', field: 'versions.0.state', equals: 'AVAILABLE' };
const byStatus: ReadyCheck = { kind: 'get', path: '/health', status: [200, 299] };

describe('at the start', () => {
  test('a value that the row names as a failure ends the wait at once, with the reason', async () => {
    const { server } = await start({ STATE: 'SETUP_FAILED' }, { ready: named }, { startTimeout: 30_000 });
    const began = performance.now();
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringContaining(
        'the model server says that it failed: GET /state answered 200, versions.0.state SETUP_FAILED',
      ) as string,
    });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('another port may be asked, and calls go to the first', async () => {
    const health = await freePort();
    const fixture = await start({ HEALTH_PORT: String(health) }, { ready: { ...byStatus, port: health } });
    await fixture.server.ready();
    expect(await fixture.get('/')).toBe('ok');
  });
});

describe('a server that becomes unhealthy is restarted', () => {
  test.each([
    ['a failure that the row names', named, 'UNHEALTHY', 'GET /state answered 200, versions.0.state UNHEALTHY'],
    ['another value, ten times', unnamed, 'ENDED', 'GET /state answered 200, versions.0.state ENDED'],
    ['a status, ten times', byStatus, '503', 'GET /health answered 503'],
  ])('after a call that failed: %s', async (_, ready, state, reason) => {
    const fixture = await start({}, { ready });
    const first = await pidOf(fixture);
    await fixture.get(`/become/${state}`);
    expect(await fixture.get('/fails')).toBe('busy');
    await expect.poll(() => fixture.lines.join('\n')).toContain(`model server is unhealthy: ${reason}; restarting it`);
    expect(await pidOf(fixture)).not.toBe(first);
  });

  test('on a period, without any call', async () => {
    const fixture = await start({}, { ready: named, healthPeriod: 1 });
    await fixture.get('/become/UNHEALTHY');
    await expect.poll(() => fixture.lines.join('\n'), { timeout: 10_000 }).toContain('model server is unhealthy');
  });

  test('repeatedly, if calls fail after each restart, until the limit', async () => {
    const { get, lines } = await start({}, { ready: named }, { restart: { limit: 2, delay: 1 } });
    for (const restarts of [1, 2]) {
      // A successful call would reset the count.
      await get('/fails/UNHEALTHY');
      await expect.poll(() => lines.join('\n')).toContain(`(${restarts} of 2)`);
    }
    await expect(get('/')).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
  });
});

describe('a server is not restarted', () => {
  test.each([
    ['that is busy, as the row names the failures', named, 'BUSY', ['/fails', '/fails', '/fails', '/fails']],
    ['that complains once and then answers calls', byStatus, '503', ['/fails', '/', '/']],
    ['whose calls succeed, with any answer to its check', byStatus, '503', ['/', '/', '/']],
  ])('%s', async (_, ready, state, calls) => {
    const fixture = await start({}, { ready }, { health: { pause: 100 } });
    const first = await pidOf(fixture);
    await fixture.get(`/become/${state}`);
    for (const path of calls) {
      await fixture.get(path);
      await sleep(60);
    }
    expect(await pidOf(fixture)).toBe(first);
    expect(fixture.lines.join('\n')).not.toContain('unhealthy');
  });
});
