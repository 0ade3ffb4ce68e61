import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { expectSameOutcome, sent, sentInParts, sentJson, type MakeApp } from './outcome.ts';
import { inProcess } from './subjects.ts';

describe('an app in process notices as behind a port that its caller has disconnected', () => {
  test('before it has replied', async () => {
    const app: MakeApp = (note) => (request) => {
      request.resume().on('end', () => note('waiting'));
    };
    const { events } = await expectSameOutcome(app, () => sentJson({ a: 1 }), { abandonAt: 'waiting' });
    expect(events).toContain('response close');
    expect(events).not.toContain('response finish');
  });

  test.each([
    ['', 'waiting'],
    [', and only then', undefined],
  ])('by the signal of the request, which Node.js has since 24%s', async (_when, abandonAt) => {
    const app: MakeApp = (note) => (request, response) => {
      const { signal } = request as { readonly signal?: AbortSignal };
      signal?.addEventListener('abort', () => note('aborted'));
      request.socket.on('close', () => note(signal?.aborted));
      request.resume().on('end', () => note('waiting'));
      if (abandonAt === undefined) response.end('done');
    };
    await expectSameOutcome(app, () => sentJson({ a: 1 }), abandonAt === undefined ? {} : { abandonAt });
  });

  test('in the middle of its reply', async () => {
    const app: MakeApp = (note) => async (_request, response) => {
      response.write('begun');
      await sleep(10);
      note('begun');
      response.on('close', () => note([response.writableFinished, response.destroyed]));
    };
    const { notes } = await expectSameOutcome(app, undefined, { abandonAt: 'begun' });
    expect(notes).toEqual(['begun', [false, true]]);
  });

  test('in the middle of its request', async () => {
    const app: MakeApp = (note) => (request) => {
      request.once('data', () => setTimeout(() => note('half'), 10));
      request.on('close', () => note([request.complete, request.aborted, request.readableEnded]));
      request.on('error', () => undefined).resume();
    };
    const { notes } = await expectSameOutcome(app, () => sentInParts(Array.from({ length: 1000 }, () => 'part')), {
      abandonAt: 'half',
    });
    expect(notes).toEqual(['half', [false, true, false]]);
  });
});

test.each([
  ['of a stated length', 'GET'],
  ['to HEAD', 'HEAD'],
])('a reply %s that an app does not end is closed after five seconds', async (_what, method) => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const closed: string[] = [];
  const { opened } = await inProcess((_request, response) => {
    response.on('close', () => closed.push('closed')).writeHead(200, { 'content-length': 4 });
    response.flushHeaders();
    response.write('four');
  }, sent({ method }));
  expect((await opened).status).toBe(200);
  await new Promise(setImmediate);
  const [close] = timers.mock.calls.find(([, milliseconds]) => milliseconds === 5000) ?? [];
  timers.mockRestore();
  expect(closed).toEqual([]);
  close?.();
  await expect.poll(() => closed).toEqual(['closed']);
});
