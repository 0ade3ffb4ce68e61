import { describe, expect, test } from 'vitest';
import type { ContainerReply } from '../../../gateway/invoker/client.ts';
import { judgeInit, judgeRun } from '../../../gateway/invoker/result.ts';

const cut = { length: 2000, limit: 5 };
const noReply: readonly ContainerReply[] = [
  { kind: 'no response' },
  { kind: 'connection failed', cause: new Error('reset') },
];

function response(status: number, text: string): ContainerReply {
  return { kind: 'response', status, text };
}

describe('2.2 how a reply to /run is judged', () => {
  const failed = 'The action did not produce a valid response and exited unexpectedly.';
  const invalid = 'The action did not produce a valid JSON or JSON Array response';

  test.each([
    [response(200, '{"a":"é"}'), 'success', { a: 'é' }, true],
    [response(200, '["a"]'), 'success', ['a'], true],
    [response(200, '{"error":"e","other":"o"}'), 'application error', { error: 'e' }, true],
    [response(200, '{"error":null}'), 'application error', { error: null }, true],
    [response(200, '"text"'), 'action developer error', { error: `${invalid}: "text"` }, false],
    [response(200, 'no JSON'), 'action developer error', { error: `${invalid}: no JSON` }, false],
    [response(200, ''), 'action developer error', { error: `${invalid}.` }, false],
    [response(500, '{"error":"e"}'), 'action developer error', { error: 'e' }, false],
    [response(404, '{"a":"b"}'), 'action developer error', { error: `${invalid}: {"a":"b"}` }, false],
    [response(403, 'text'), 'action developer error', { error: `${invalid}: text` }, false],
    ...noReply.map((reply) => [reply, 'action developer error', { error: failed }, false] as const),
    [
      { kind: 'timeout' },
      'action developer error',
      { error: 'The action exceeded its time limits of 100 milliseconds.' },
      false,
    ],
    [
      { ...response(200, '{"a":'), truncated: cut },
      'application error',
      {
        error:
          'The action produced a response that exceeded the allowed length: 2000 > 5 bytes. The truncated response was: {"a":',
      },
      true,
    ],
  ] as const)('%j is %s', (reply, status, result, keepInstance) => {
    const verdict = { kind: 'response', response: { status, result }, keepInstance };
    expect(judgeRun(reply, 100, true)).toEqual(verdict);
  });

  test.each([true, false])('503 loses the activation, first call: %s', (isFirst) => {
    expect(judgeRun(response(503, '{"error":"e"}'), 100, isFirst)).toEqual({ kind: 'lost' });
  });

  test.each([{ kind: 'connection refused' }, { kind: 'connection failed', cause: 'reset' }] as const)(
    '%j runs a later call again elsewhere',
    (reply) => {
      expect(judgeRun(reply, 100, false)).toEqual({ kind: 'run again' });
    },
  );
});

describe('1.4 how a reply to /init is judged', () => {
  test('200 with a length is success, with any body', () => {
    expect(judgeInit(response(200, ''), 100)).toBeUndefined();
    expect(judgeInit(response(200, 'OK'), 100)).toBeUndefined();
  });

  test.each([
    ...noReply.map((reply) => [reply, 'The action did not initialize and exited unexpectedly.'] as const),
    [response(404, ''), 'The action failed during initialization.'],
    [response(500, 'text'), 'The action failed during initialization: text'],
    [response(502, '{"error":"e"}'), 'e'],
    [{ kind: 'timeout' }, 'The action exceeded its time limits of 100 milliseconds during initialization.'],
    [
      { ...response(200, 'aaaaa'), truncated: cut },
      'The action produced a response that exceeded the allowed length: 2000 > 5 bytes. The truncated response was: aaaaa',
    ],
  ] as const)('%j is a developer error and removes the instance', (reply, error) => {
    expect(judgeInit(reply, 100)).toEqual({
      kind: 'response',
      response: { status: 'action developer error', result: { error } },
      keepInstance: false,
    });
  });

  test('503 loses the activation', () => {
    expect(judgeInit(response(503, ''), 100)).toEqual({ kind: 'lost' });
  });
});
