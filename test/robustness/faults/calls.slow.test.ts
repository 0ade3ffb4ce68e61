import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../gateway/support/send.ts';
import { eventually } from '../../support/eventually.ts';
import { kinds, serverSetting, type Kind } from '../support/rows.ts';
import { startStage, type Stage } from '../support/stage.ts';

const limits = { timeout: 3000 };
let stages: Record<Kind, Stage>;
beforeAll(async () => {
  // As in production, unlike the gateway's default.
  const environment = { MODELWHISK_ERROR_OUTPUT: 'log' };
  const start = async (kind: Kind): Promise<Stage> =>
    startStage(await serverSetting(kind, 'faulty.mjs'), { limits, environment });
  stages = { express: await start('express'), http: await start('http') };
});
afterAll(async () => {
  await Promise.all(Object.values(stages).map((stage) => stage.close()));
});

/** The reply to a failing call for each kind of server. Checks that the server answers the next call. */
async function failing(path: string, only: readonly Kind[] = kinds): Promise<Received[]> {
  return Promise.all(
    only.map(async (kind) => {
      const reply = await stages[kind].call(path);
      expect(await stages[kind].call('/ok')).toMatchObject({ status: 200, text: 'ok' });
      return reply;
    }),
  );
}

/** Expects this status of both kinds, and this code in the body. */
async function expectFailure(path: string, status: number, code = 'MODEL_', message = ''): Promise<void> {
  for (const reply of await failing(path)) {
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({
      code: expect.stringContaining(code) as string,
      message: expect.stringContaining(message) as string,
    });
  }
}

describe('during a call', () => {
  test('hangs: 504 MODEL_TIMEOUT before the time limit, and the next call is answered', async () =>
    expectFailure('/hang', 504, 'MODEL_TIMEOUT'));

  test('hangs forever: 504 MODEL_TIMEOUT three times, then it is killed and restarted', async () => {
    const setting = await serverSetting('http', 'faulty.mjs');
    const { call, close } = await startStage(setting, { limits: { ...limits, concurrency: 3 } });
    const pid = Number((await call('/pid')).text);
    process.kill(pid, 'SIGSTOP');
    const statuses = (await Promise.all(['/pid', '/pid', '/pid'].map(async (path) => call(path)))).map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([504, 504, 504]);
    const restarted = await eventually(
      'the model server tells its process id',
      async () => (await call('/pid')).text,
      (text) => /^\d+$/.test(text),
    );
    expect(Number(restarted)).not.toBe(pid);
    await close();
  });

  test('exits: 502 MODEL_CRASHED with its exit code, its last output only in the record, and the next call waits for its restart', async () => {
    const [reply] = await failing('/exit', ['http']);
    expect([reply?.status, reply?.json()]).toMatchObject([502, { code: 'MODEL_CRASHED' }]);
    expect(reply?.text).toContain('exited with code 3');
    expect(reply?.text).not.toContain('CUDA');
    const records = await Promise.all(stages.http.activations.map(({ outcome }) => outcome.logs));
    expect(records.flat().join()).toContain('CUDA error: out of memory');
  });

  test('exits in the middle of its reply: 502 MODEL_CRASHED with its exit code, and the next call waits for its restart', async () => {
    const [reply] = await failing('/exit-mid-reply', ['http']);
    expect([reply?.status, reply?.json()]).toMatchObject([502, { code: 'MODEL_CRASHED' }]);
    expect(reply?.text).toContain('exited with code 3');
  });

  test('is an Express app and exits: 400, and the next call starts a new container', async () => {
    const before = (await stages.express.call('/pid')).text;
    const replies = [...(await failing('/exit', ['express'])), ...(await failing('/exit-mid-reply', ['express']))];
    expect(replies.map(({ status }) => status)).toEqual([400, 400]);
    expect((await stages.express.call('/pid')).text).not.toBe(before);
  });

  test('is an Express app and throws outside of any handler: 502 MODEL_CRASHED for that call alone, and the app lives on', async () => {
    const before = (await stages.express.call('/pid')).text;
    const [reply] = await failing('/throw', ['express']);
    expect([reply?.status, reply?.json()]).toMatchObject([502, { code: 'MODEL_CRASHED' }]);
    expect((await stages.express.call('/pid')).text).toBe(before);
  });

  test('closes the connection without a reply: 502 MODEL_CRASHED', async () =>
    expectFailure('/hang-up', 502, 'MODEL_CRASHED'));
  test('closes it before the end that it announced: 502 MODEL_CRASHED', async () =>
    expectFailure('/length-too-long', 502, 'MODEL_CRASHED'));
  test('closes it within a chunk: 502 MODEL_CRASHED', async () => expectFailure('/half-a-chunk', 502, 'MODEL_CRASHED'));
  test('announces more than it sends, and waits: 504 MODEL_TIMEOUT', async () =>
    expectFailure('/length-too-long-and-open', 504, 'MODEL_TIMEOUT'));

  test('sends more than it announced: the reply as long as announced, and the next call gets its own', async () => {
    for (const reply of await failing('/length-too-short')) expect(reply).toMatchObject({ status: 200, text: 'ok' });
  });

  test('sends another reply after the first: the first, and the next call gets its own', async () => {
    for (const stage of Object.values(stages)) {
      expect((await stage.call('/late-forgery')).text).toBe('ok');
      // The surplus arrives while no call waits, on a connection kept for the next call.
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect((await stage.call('/pid')).text).toMatch(/^\d+$/);
    }
  });

  test('announces two lengths: 502', async () => expectFailure('/two-lengths', 502));
  test('replies with something that is not HTTP: 502', async () => expectFailure('/not-http', 502));
  test('replies with an invalid header: 502', async () => expectFailure('/bad-header', 502));
  test('replies with an invalid status: 502 MODEL_REPLY', async () => expectFailure('/status-999', 502, 'MODEL_REPLY'));
  test('changes the protocol: 502 MODEL_REPLY', async () => expectFailure('/status-101', 502, 'MODEL_REPLY'));
  test('replies with 100 MB: 413 RESULT_TOO_LARGE that names both sizes', async () =>
    expectFailure('/100-MB', 413, 'RESULT_TOO_LARGE', 'takes '));
  test('replies without end: 413 RESULT_TOO_LARGE once no form of it fits', async () =>
    expectFailure('/endless', 413, 'RESULT_TOO_LARGE', 'takes more than 1048576 bytes'));
  test('replies slowly, without end: 504 MODEL_TIMEOUT', async () => expectFailure('/trickle', 504, 'MODEL_TIMEOUT'));
  test('replies with more than the platform carries: 413 RESULT_TOO_LARGE that names both sizes', async () =>
    expectFailure('/1-MB', 413, 'RESULT_TOO_LARGE', 'takes 1398'));
  test('encodes its reply in an unknown way: 502 MODEL_REPLY', async () =>
    expectFailure('/unknown-encoding', 502, 'MODEL_REPLY', '"zip"'));
  test('sends damaged gzip: 502 MODEL_REPLY', async () => expectFailure('/damaged-gzip', 502, 'MODEL_REPLY'));
  test('sends gzip that unpacks to more than the platform carries: 413 RESULT_TOO_LARGE', async () =>
    expectFailure('/gzip-bomb', 413, 'RESULT_TOO_LARGE'));
});
