import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expectSameOutcome, sentInParts, sentJson, type MakeApp } from './outcome.ts';

describe('an app in process notices as behind a port that its caller has disconnected', () => {
  test('before it has replied', async () => {
    const app: MakeApp = (note) => (request) => {
      request.resume().on('end', () => note('waiting'));
    };
    const { events } = await expectSameOutcome(app, () => sentJson({ a: 1 }), { abandonAt: 'waiting' });
    expect(events).toContain('response close');
    expect(events).not.toContain('response finish');
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
