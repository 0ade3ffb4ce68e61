import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReadyCheck } from '../../../../core/row.ts';
import { freePort } from '../../../support/free-port.ts';
import { startFixture } from './start.ts';
import type { Started } from './start.ts';

async function start(
  program: string,
  environment: Record<string, string>,
  row: Parameters<typeof startFixture>[1],
): Promise<Started> {
  const base = {
    entrypoint: [process.execPath, join(import.meta.dirname, 'fixtures', program)],
    command: null,
    environment: {},
  };
  return startFixture(environment, row, { base, stopGrace: 200, restart: { timeouts: 2, delay: 10 } });
}

async function startTorchServe(environment: Record<string, string>, byWorker = true): Promise<Started> {
  const port = await freePort();
  const ready: ReadyCheck = byWorker
    ? { kind: 'json', port, path: '/models/measure', field: '0.workers.0.status', equals: 'READY' }
    : { kind: 'get', path: '/ping', status: [200, 299] };
  return start('torchserve.mjs', { MANAGEMENT_PORT: String(port), ...environment }, { ready });
}

const health: ReadyCheck = { kind: 'get', path: '/health', status: [200, 299] };

describe('a server whose workers cannot start, as TorchServe with a handler that cannot import', () => {
  test.each([
    ['slowly', '600'],
    ['at once', '0'],
  ])('fails after a few workers that end %s, with the error in its last output', async (_, lives) => {
    const { server } = await startTorchServe({ WORKER_LIVES: lives });
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: expect.stringMatching(
        /^the model server cannot start its workers: they ended \d+ times, each time after the same error$/,
      ) as string,
      output: expect.stringContaining("ModuleNotFoundError: No module named 'no_such_module'") as string,
    });
  });

  test('is found out as well if its check says that it is ready: the call that waits fails with that', async () => {
    const { get, lines } = await startTorchServe({}, false);
    await expect(get('/predictions/measure')).rejects.toMatchObject({
      code: 'MODEL_CRASHED',
      message: expect.stringContaining('the model server cannot start its workers') as string,
      output: expect.stringContaining('no_such_module') as string,
    });
    expect(lines.join('\n')).toContain('each time after the same error; restarting it (1 of 5)');
  });
});

describe('a server is waited for', () => {
  test.each([
    ['whose worker starts at the third attempt', { SUCCEEDS_AFTER: '2' }],
    ['that runs programs in a loop', { QUIET_HELPER: 'yes' }],
    ['that logs the same error again and again, and whose processes live on', { PATIENT: 'OSError: no model yet' }],
    [
      'whose start script cannot connect to another program yet',
      { PATIENT: 'ConnectionRefusedError: [Errno 111] Connection refused' },
    ],
  ])('%s', async (_, environment) => {
    const { get } = await startTorchServe(environment);
    expect(await get('/predictions/measure')).toBe('ok');
  });
});

describe('a server that lost its worker', () => {
  test.each([
    ['answers no more connections, as LitServe,', {}, 'does not respond'],
    ['takes no more connections', { CLOSES: 'yes' }, 'no longer accepts connections'],
  ])('and %s is restarted soon: the call that it keeps waiting fails', async (_, environment, problem) => {
    const { get } = await start('litserve.mjs', environment, { ready: health });
    await get('/kill-worker');
    const began = performance.now();
    await expect(get('/predict')).rejects.toMatchObject({
      code: 'MODEL_CRASHED',
      message: `the model server lost one of its processes, and ${problem}`,
      output: expect.stringContaining('Worker LitServe-0 died') as string,
    });
    expect(await get('/predict')).toBe('ok');
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('and keeps calls waiting, though its health route says ok, is restarted after several of them', async () => {
    const { get, lines } = await start('litserve.mjs', { STAYS: 'yes' }, { ready: health });
    await get('/kill-worker');
    for (const _ of [1, 2]) await expect(get('/predict', 100)).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
    await expect.poll(() => get('/predict', 1000).catch(() => 'not yet'), { timeout: 20_000 }).toBe('ok');
    expect(lines.join('\n')).toContain('has lost a process');
  });
});

test('a server that takes no more connections and ends by itself finishes its calls', async () => {
  const { get } = await start('litserve.mjs', { LIMIT: '1' }, { ready: health });
  expect(await get('/slow')).toBe('ok');
});
