import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Received } from '../../gateway/support/send.ts';
import { lacks } from '../../support/requirements.ts';
import { kinds, serverSetting, type Kind, type ServerChoice } from '../support/rows.ts';
import { startStage, type Stage, type StageOptions } from '../support/stage.ts';
import { isAlive } from '../../adapter/model/http/start.ts';

const stages: Stage[] = [];
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.close()));
});

async function start(kind: Kind, options: StageOptions = {}, choice: ServerChoice = {}): Promise<Stage> {
  const stage = await startStage(await serverSetting(kind, 'faulty.mjs', choice), options);
  stages.push(stage);
  return stage;
}

async function expectOk(...calls: readonly Promise<Received>[]): Promise<void> {
  for (const { status, text } of await Promise.all(calls))
    expect([status, text]).toEqual([200, expect.stringMatching(/^(ok|late)$/)]);
}

/**
 * Process ids of the adapter and of the model server, which are the same for an Express app. The init program is
 * between the two.
 */
async function processesOf(kind: Kind, stage: Stage): Promise<{ readonly adapter: number; readonly model: number }> {
  const model = Number((await stage.call('/pid')).text);
  return { model, adapter: kind === 'express' ? model : parentOf(Number((await stage.call('/parent')).text)) };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function signal(processes: { readonly adapter: number; readonly model: number }, name: NodeJS.Signals): void {
  for (const pid of new Set(Object.values(processes))) process.kill(pid, name);
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Runs the rest of a command line after a line of shell. */
function after(line: string): readonly string[] {
  return ['sh', '-c', `${line} && exec "$@"`, 'sh'];
}

const cannotMount = lacks('the right to mount (root, and unshare of util-linux)');

describe('in the container', () => {
  test('the model server floods its log: nothing: this call and simultaneous calls are answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { limits: { concurrency: 3 } });
      const [flood, ...others] = await Promise.all(['/flood', '/ok', '/slow'].map(async (path) => stage.call(path)));
      expect([flood, ...others].map((reply) => [reply?.status, reply?.text])).toEqual([
        [200, 'flooded'], [200, 'ok'], [200, 'late'],
      ]); // prettier-ignore
      await expect.poll(() => stage.lines.filter((line) => /line \d+ \.{80}$/.test(line)).length).toBe(20_000);
    }
  });

  test('the model server leaks file descriptors: its own errors; the adapter is not affected', async () => {
    const stage = await start('http', {}, { entrypoint: [...after('ulimit -n 256'), process.execPath] });
    const { adapter } = await processesOf('http', stage);
    const before = openFiles(adapter);
    const replies: Received[] = [];
    for (let count = 0; count < 15; count += 1) replies.push(await stage.call('/leak'));
    expect(replies.at(-1)).toMatchObject({ status: 500, text: 'EMFILE' });
    expect(openFiles(adapter)).toBeLessThanOrEqual(before + 2);
    await expectOk(stage.call('/ok'));
  });

  test('an Express app leaks file descriptors: its own errors; once no connection fits, the call is run again in a new container', async () => {
    const stage = await start('express', { wrapper: after('ulimit -n 256'), limits: { concurrency: 5 } });
    const { adapter } = await processesOf('express', stage);
    const statuses: number[] = [];
    while (statuses.at(-1) !== 500 && statuses.length < 40) statuses.push((await stage.call('/leak')).status);
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
    // One descriptor is free again, that of the last call's connection: of five calls at once, it holds one.
    const slow = await Promise.all(Array.from({ length: 5 }, async () => stage.call('/slow')));
    expect(slow.map((reply) => reply.status)).toEqual([200, 200, 200, 200, 200]);
    expect((await processesOf('express', stage)).adapter).not.toBe(adapter);
  });

  test.skipIf(cannotMount)(
    "/tmp is full: the model server's own error if it needs /tmp, otherwise nothing",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-full-'));
      const fill = `mount -t tmpfs -o size=1m tmpfs ${folder} && { head -c 1m /dev/zero >${folder}/full || true; }`;
      for (const kind of kinds) {
        const stage = await start(kind, {
          wrapper: ['unshare', '--mount', ...after(fill)],
          environment: { TMPDIR: folder },
        });
        await expectOk(stage.call('/ok'));
        expect(await stage.call('/write')).toMatchObject({ status: 500, text: 'ENOSPC' });
        await expectOk(stage.call('/ok'));
      }
      await Promise.all(stages.splice(0).map((stage) => stage.close()));
      await rm(folder, { recursive: true });
    },
  );

  const clock = ['--import', join(import.meta.dirname, '../support/clock.mjs')];

  test('the clock jumps an hour, ahead or back, during a call: nothing: this call and the next are answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { nodeOptions: clock });
      const { adapter } = await processesOf(kind, stage);
      for (const jump of ['SIGUSR2', 'SIGHUP', 'SIGHUP'] as const) {
        const call = stage.call('/slow');
        await sleep(100);
        process.kill(adapter, jump);
        await expectOk(call);
        await expectOk(stage.call('/ok'));
      }
    }
  });

  test("the clock is an hour ahead of the platform's: nothing: calls are answered", async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { nodeOptions: clock, environment: { AHEAD: '3600000' } });
      await expectOk(stage.call('/slow'), stage.call('/ok'));
    }
  });

  test('it is paused between two calls, and resumed: nothing: the next call is answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind);
      const processes = await processesOf(kind, stage);
      signal(processes, 'SIGSTOP');
      await sleep(2000);
      signal(processes, 'SIGCONT');
      await expectOk(stage.call('/ok'), stage.call('/slow'));
      expect(await processesOf(kind, stage)).toEqual(processes);
    }
  });

  test('it is paused during a call, and resumed in time: nothing: the call is answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind);
      const processes = await processesOf(kind, stage);
      const call = stage.call('/slow');
      await sleep(100);
      signal(processes, 'SIGSTOP');
      await sleep(1000);
      signal(processes, 'SIGCONT');
      await expectOk(call);
    }
  });

  test('SIGTERM arrives under load: every call in progress is answered, and the next one starts a new container', async () => {
    for (const kind of kinds) {
      const stage = await start(kind, { limits: { concurrency: 33 } });
      const { adapter, model } = await processesOf(kind, stage);
      const calls = Array.from({ length: 32 }, async () => stage.call('/wait'));
      await expect.poll(async () => (await stage.call('/waiting')).text).toBe('32');
      process.kill(adapter, 'SIGTERM');
      await sleep(200);
      process.kill(model, 'SIGUSR2');
      await expectOk(...calls);
      await expect.poll(() => isAlive(adapter)).toBe(false);
      await expectOk(stage.call('/ok'));
      expect((await processesOf(kind, stage)).adapter).not.toBe(adapter);
    }
  });

  test('the adapter is killed during the first call of its container: 400, and the next call starts a new container', async () => {
    for (const kind of kinds) {
      const stage = await start(kind);
      expect((await stage.call('/kill-adapter')).status).toBe(400);
      await expectOk(stage.call('/ok'));
    }
  });

  test('the adapter is killed during a later call: nothing: the call is run again in a new container and answered', async () => {
    for (const kind of kinds) {
      const stage = await start(kind);
      const processes = await processesOf(kind, stage);
      const call = stage.call('/slow');
      await sleep(100);
      // In a container both end at once.
      signal(processes, 'SIGKILL');
      await expectOk(call);
      expect((await processesOf(kind, stage)).adapter).not.toBe(processes.adapter);
    }
  });

  test('the model server is killed as a call is sent: nothing: the call waits for its restart and is answered', async () => {
    const stage = await start('http');
    const { adapter } = await processesOf('http', stage);
    for (let count = 0; count < 10; count += 1) {
      const processes = await processesOf('http', stage);
      expect(processes.adapter).toBe(adapter);
      process.kill(processes.model, 'SIGKILL');
      await expectOk(stage.call('/ok'));
    }
  });

  test('the model server is killed between two calls: nothing: the next call waits for its restart and is answered', async () => {
    const stage = await start('http');
    const { adapter, model } = await processesOf('http', stage);
    process.kill(model, 'SIGKILL');
    await expect.poll(() => stage.lines.join('\n')).toContain('model server was killed by SIGKILL');
    await expectOk(stage.call('/ok'));
    const now = await processesOf('http', stage);
    expect([now.adapter === adapter, now.model === model]).toEqual([true, false]);
  });
});
