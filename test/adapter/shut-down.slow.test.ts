import { afterEach, describe, expect, test } from 'vitest';
import { kinds, serverSetting, type Kind, type ServerChoice } from '../robustness/support/rows.ts';
import { findProcesses } from '../../adapter/model/http/processes.ts';
import { type ChildProcess, spawnAdapter, startListening } from './adapter-process.ts';
import { isAlive } from './model/http/start.ts';

interface Running {
  readonly adapter: ChildProcess;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
  /** Process id of the model server. */
  readonly model: number;
}

const started: ChildProcess[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((adapter) => adapter.stop('SIGKILL')))));

/** The adapter as Knative starts it, in front of test/robustness/servers/faulty.mjs. */
async function start(
  kind: Kind,
  { stopSignal, ...variables }: { readonly stopSignal?: string; readonly [name: string]: string | undefined },
  choice: ServerChoice = {},
): Promise<Running> {
  const { row, environment } = await serverSetting(kind, 'faulty.mjs', choice);
  const base = {
    entrypoint: null,
    command: null,
    environment: {},
    ...JSON.parse(environment['MODELWHISK_BASE'] ?? '{}'),
  };
  const { port, adapter } = await startListening(row, (PORT) => ({
    ...environment,
    ...(variables as Readonly<Record<string, string>>),
    K_SERVICE: 'subject',
    PORT,
    MODELWHISK_BASE: JSON.stringify({ ...base, stopSignal }),
  }));
  started.push(adapter);
  const get: Running['get'] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return { status: response.status, text: await response.text() };
  };
  return { adapter, get, model: Number((await get('/pid')).text) };
}

/** A call that has reached the model server, which answers it when its process gets SIGUSR2. */
async function waitingCall({ get }: Running): Promise<{ readonly reply: ReturnType<Running['get']> }> {
  const reply = get('/wait');
  reply.catch(() => undefined);
  await expect.poll(async () => (await get('/waiting')).text).toBe('1');
  return { reply };
}

describe.each(kinds)('with an %s model server', (kind) => {
  test.each([
    ['SIGTERM', undefined],
    ['SIGINT', undefined],
    ['SIGQUIT', 'SIGQUIT'],
    ['SIGWINCH', 'WINCH'],
    ['SIGHUP', '1'],
    ['SIGUSR1', 'SIGUSR1'],
    ['SIGTERM', 'SIGQUIT'],
    ['SIGTERM', 'SIGRTMIN+3'],
    ['SIGTERM', 'SIGKILL'],
  ] as const)('%s drains and ends with 0, in an image whose stop signal is %s', async (signal, stopSignal) => {
    const running = await start(kind, stopSignal === undefined ? {} : { stopSignal });
    const { reply } = await waitingCall(running);
    const ended = running.adapter.stop(signal);
    await expect.poll(() => running.adapter.output().stdout).toContain(`modelwhisk: ${signal}: no new calls`);
    process.kill(running.model, 'SIGUSR2');
    expect(await reply).toEqual({ status: 200, text: 'late' });
    expect(await ended).toBe(0);
    expect(isAlive(running.model)).toBe(false);
  });

  test('an app that exits on SIGTERM exits after the running calls', async () => {
    const running = await start(kind, {}, { environment: { STOP: 'exit' } });
    const { reply } = await waitingCall(running);
    const ended = running.adapter.stop('SIGTERM');
    await expect.poll(() => running.adapter.output().stdout).toContain('SIGTERM: no new calls');
    process.kill(running.model, 'SIGUSR2');
    expect(await reply).toEqual({ status: 200, text: 'late' });
    expect(await ended).toBe(0);
    expect(running.adapter.output().stdout).toContain('the app exits');
  });

  test('MODELWHISK_DRAIN_TIMEOUT aborts a call: it is answered and logged as failed', async () => {
    const running = await start(kind, { MODELWHISK_DRAIN_TIMEOUT: '100' });
    const { reply } = await waitingCall(running);
    expect(await running.adapter.stop('SIGTERM')).toBe(0);
    expect(await reply).toMatchObject({ status: 503, text: expect.stringContaining('"code":"SHUT_DOWN"') as string });
    expect(running.adapter.output().stdout).toMatch(/"method":"GET","path":"\/wait","status":503,/);
  });

  test('a second SIGINT ends it at once', async () => {
    const running = await start(kind, {});
    const { reply } = await waitingCall(running);
    void running.adapter.stop('SIGINT');
    await expect.poll(() => running.adapter.output().stdout).toContain('no new calls');
    void running.adapter.stop('SIGTERM');
    expect(await running.adapter.stop('SIGINT')).toBe(0);
    await expect(reply).rejects.toThrow('fetch failed');
  });
});

test('the model server is stopped by the stop signal of its image', async () => {
  const script = 'trap "exit 0" QUIT; trap "" TERM; "$@" & wait';
  const running = await start(
    'http',
    { stopSignal: 'SIGQUIT' },
    { entrypoint: ['sh', '-c', script, 'sh', process.execPath] },
  );
  const began = performance.now();
  expect(await running.adapter.stop('SIGTERM')).toBe(0);
  // It would have been killed only after 3 s.
  expect(performance.now() - began).toBeLessThan(2500);
});

test('SIGTERM while the model server starts ends with 0', async () => {
  const mark = `SHUT_DOWN_TEST_${process.pid}`;
  const { row, environment } = await serverSetting('http', 'faulty.mjs', {
    environment: { START: 'never', [mark]: '1' },
  });
  const adapter = await spawnAdapter(row, { ...environment, K_SERVICE: 'subject', PORT: '0' });
  started.push(adapter);
  await expect.poll(async () => findProcesses(-1, `${mark}=1`), { timeout: 20_000 }).not.toEqual([]);
  expect(await adapter.stop('SIGTERM')).toBe(0);
  expect(adapter.output().stderr).toBe('');
  expect(await findProcesses(-1, `${mark}=1`)).toEqual([]);
});
