import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { init } from '../../../../adapter/model/http/init.ts';
import { findProcesses } from '../../../../adapter/model/http/processes.ts';
import { startChild } from '../../../../adapter/model/http/child.ts';

const options = {
  environment: { PATH: process.env['PATH'] ?? '' },
  directory: '/',
  stopSignal: 15,
  onLine: () => undefined,
};

/** A program that starts `argv` like the adapter, and the processes that it started. */
async function startAdapter(script: string): Promise<{ kill(): Promise<void>; left(): Promise<number> }> {
  const mark = `ORPHANS_TEST=${process.hrtime.bigint()}`;
  const program = `
    import { startChild } from ${JSON.stringify(new URL('../../../../adapter/model/http/child.ts', import.meta.url).href)};
    await startChild({
      argv: ['/bin/sh', '-c', ${JSON.stringify(script)}],
      environment: { PATH: process.env.PATH, ORPHANS_TEST: ${JSON.stringify(mark.split('=')[1])} },
      directory: '/', background: false, stopSignal: 15, onLine: console.log,
    });`;
  const adapter = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(adapter.stdout), 'line');
  return {
    kill: async () => {
      adapter.kill('SIGKILL');
      await once(adapter, 'exit');
    },
    left: async () => (await findProcesses(-1, mark)).length,
  };
}

describe.skipIf(init === undefined)('when the adapter is killed', () => {
  test.each([
    ['a server', 'echo ready; exec sleep 60', 1],
    ['a server behind a shell', 'sleep 60 & echo ready; wait', 2],
    ['a server that ignores SIGTERM', 'trap "" TERM; sleep 60 & echo ready; wait', 2],
    [
      'a daemon that left the process group',
      'setsid -f sleep 60; setsid -f sh -c "sleep 60; :"; echo ready; sleep 60; :',
      5,
    ],
  ])('%s ends with it', async (_, script, count) => {
    const adapter = await startAdapter(script);
    // One more for its init program.
    await expect.poll(adapter.left).toBe(count + 1);
    await adapter.kill();
    await expect.poll(adapter.left).toBe(0);
  });
});

test.skipIf(init === undefined)(
  'a process that goes on in the background has ended once all that it started has',
  async () => {
    const argv = ['/bin/sh', '-c', 'sh -c "sleep 0.3; exit 3" & exit 0'];
    const child = await startChild({ ...options, argv, background: true });
    const began = performance.now();
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeGreaterThan(200);
    await child.stop(100);
  },
);
