import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entrypoint, startFixture } from './start.ts';

/** Starts a script whose parameters are the command of a model server that ends with code 7, or starts well. */
async function start(script: string, environment: Record<string, string>) {
  const base = { entrypoint: ['bash', '-c', script, 'bash', ...entrypoint], command: null, environment: {} };
  return startFixture(environment, {}, { base, stopGrace: 200, startTimeout: 60_000 });
}

describe('a start ends soon, with the last output of a server that ended', () => {
  test.each([
    ['before a tail -f', '"$@"; tail -f /dev/null', 'tail -f /dev/null'],
    ['in the background of a tail -f', '"$@" & exec tail -n 0 -F /dev/null', 'tail -n 0 -F /dev/null'],
    ['before a sleep in a shell of its own', '"$@"; (sleep infinity; true); true', 'sleep infinity'],
    ['in the background, and the shell waits', '"$@" & sleep inf & wait', 'sleep inf'],
  ])('%s', async (_title, script, last) => {
    const { server } = await start(script, { FAIL_ALWAYS: '1' });
    const began = performance.now();
    await expect(server.ready()).rejects.toMatchObject({
      code: 'MODEL_START',
      message: `the model server has ended before it was ready: of its command, only "${last}" still runs`,
      output: expect.stringContaining('no such file: weights.bin') as string,
    });
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('a server is waited for that starts', () => {
  const fifo = join(tmpdir(), `modelwhisk-test-${process.pid}-fifo`);
  test.each([
    ['after a while', 'tail -f /dev/null & sleep 3; exec "$@"'],
    ['in the background after a while', '(sleep 3; exec "$@") & tail -f /dev/null'],
    ['when its shell has read something', `tail -f /dev/null & mkfifo ${fifo}; read -t 3 <>${fifo}; rm ${fifo}; "$@"`],
  ])('%s', async (_title, script) => {
    const { get } = await start(script, {});
    expect(await get('/')).toBe('ok');
  });
});
