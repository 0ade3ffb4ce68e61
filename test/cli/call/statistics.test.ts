import { expect, test } from 'vitest';
import { Statistics, summaryText } from '../../../cli/call/statistics.ts';
import type { CallResult } from '../../../cli/call/send.ts';

const reply = (status: number, milliseconds: number): CallResult => ({
  kind: 'reply',
  status,
  milliseconds,
  contentType: '',
  activationId: undefined,
  body: Buffer.alloc(0),
});

test('the summary counts failures by status and code, and times only successes', () => {
  const statistics = new Statistics();
  for (let time = 1; time <= 100; time += 1) statistics.add(reply(200, time));
  statistics.add(reply(502, 9999));
  statistics.add(reply(502, 9999));
  statistics.add({ kind: 'failure', code: 'ECONNREFUSED', message: '', milliseconds: 9999 });
  const summary = statistics.summary(2, 2);
  expect(summary).toMatchObject({
    calls: 103,
    succeeded: 100,
    failed: 3,
    failures: { 502: 2, ECONNREFUSED: 1 },
    coldStarts: 2,
  });
  // The histogram keeps three digits.
  expect(summary.p50).toBeCloseTo(50, 0);
  expect(summary.p95).toBeCloseTo(95, 0);
  expect(summary.p99).toBeCloseTo(99, 0);
  expect(summaryText(summary)).toMatch(
    /^103 calls in [\d.]+ s, [\d.]+ calls\/s, 3 failed \(2 × 502, 1 × ECONNREFUSED\), 2 cold starts\np50 [\d.]+ ms, /,
  );
});

test('an activation of OpenWhisk that still runs is not an answer', () => {
  const statistics = new Statistics();
  const body = Buffer.from('{"code":"0123456789abcdef0123456789abcdef","error":"Response not yet ready."}');
  statistics.add({ ...reply(202, 60_000), body } as CallResult);
  statistics.add(reply(202, 1));
  expect(statistics.summary(1, undefined)).toMatchObject({ succeeded: 1, failures: { 202: 1 } });
});

test('without a success there are no times', () => {
  const statistics = new Statistics();
  statistics.add(reply(500, 1));
  const summary = statistics.summary(1, undefined);
  expect([summary.p50, summary.coldStarts]).toEqual([undefined, undefined]);
  expect(summaryText(summary)).toMatch(/^1 call in [\d.]+ s, [\d.]+ calls\/s, 1 failed \(1 × 500\)\n$/);
});
