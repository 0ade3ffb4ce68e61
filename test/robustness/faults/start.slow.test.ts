import { once } from 'node:events';
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../gateway/json/json.ts';
import { kinds, serverSetting, type Kind } from '../support/rows.ts';
import { startStage, type Stage, type StageOptions } from '../support/stage.ts';

const stages: Stage[] = [];
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.close()));
});

async function start(kind: Kind, environment: Record<string, string>, options: StageOptions = {}): Promise<Stage> {
  const stage = await startStage(await serverSetting(kind, 'faulty.mjs', { environment }), options);
  stages.push(stage);
  return stage;
}

/** The error in the record of the last activation. */
function recorded(stage: Stage): Json {
  return stage.activations.at(-1)?.outcome.response.result ?? null;
}

describe('at the start', () => {
  test('takes long to start: the first call waits for it and is answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { START: 'slow' });
      expect(await stage.call('/ok')).toMatchObject({ status: 200, text: 'ok' });
    }
  });

  test("is not ready within the action's time limit: 400, and the record says that the time limit was exceeded during initialization", async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { START: 'never' }, { limits: { timeout: 1500 } });
      expect((await stage.call('/ok')).status).toBe(400);
      expect(recorded(stage)).toEqual({
        error: 'The action exceeded its time limits of 1500 milliseconds during initialization.',
      });
    }
  });

  test('exits: 400, and the record has its exit code and its last output', async () => {
    const stage = await start('http', { START: 'fail' });
    expect((await stage.call('/ok')).status).toBe(400);
    expect(recorded(stage)).toEqual({
      error: expect.stringMatching(/exited with code 7 before it was ready[^]*no such file: weights\.bin/) as string,
    });
  });

  test('exits, and its command goes on with `tail -f`: 400 within seconds, and the record has its last output', async () => {
    const entrypoint = ['sh', '-c', '"$@"; tail -f /dev/null', 'sh', process.execPath];
    const environment = { START: 'fail' };
    const stage = await startStage(await serverSetting('http', 'faulty.mjs', { environment, entrypoint }));
    stages.push(stage);
    expect((await stage.call('/ok')).status).toBe(400);
    expect(recorded(stage)).toEqual({
      error: expect.stringMatching(
        /only \\?"tail -f \/dev\/null\\?" still runs[^]*no such file: weights\.bin/,
      ) as string,
    });
  });

  test('starts workers that end again and again: 400 after a few of them, and the record has its last output', async () => {
    const stage = await start('http', { START: 'workers-fail' });
    expect((await stage.call('/ok')).status).toBe(400);
    expect(recorded(stage)).toEqual({
      error: expect.stringMatching(/cannot start its workers[^]*no module named weights/) as string,
    });
  });

  test('finds its port taken: 400, and the record names the port', async () => {
    const setting = await serverSetting('http', 'faulty.mjs');
    const { port } = (setting.row as { server: { port: number } }).server;
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const stage = await startStage(setting);
    stages.push(stage);
    expect((await stage.call('/ok')).status).toBe(400);
    expect(recorded(stage)).toEqual({
      error: expect.stringContaining(`port ${port} of the model server is in use`) as string,
    });
    other.close();
  });

  test("is an Express app and throws while it is loaded: 400, and the record has the error's message", async () => {
    const stage = await start('express', { START: 'fail' });
    expect((await stage.call('/ok')).status).toBe(400);
    expect(recorded(stage)).toEqual({ error: expect.stringContaining('weights.bin is missing') as string });
  });

  test('failed to start once: the next call starts a new container, and is answered if that one starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-once-'));
    for (const kind of kinds) {
      const marker = join(folder, kind);
      const stage = await start(kind, { START: 'fail-once', MARKER: marker });
      expect([(await stage.call('/ok')).status, existsSync(marker)]).toEqual([400, true]);
      expect(await stage.call('/ok')).toMatchObject({ status: 200, text: 'ok' });
    }
    await rm(folder, { recursive: true });
  });
});
