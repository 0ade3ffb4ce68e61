import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createAction, type Action, type ActionDefinition } from '../../../gateway/action.ts';
import type { InstanceSource } from '../../../gateway/instance-source.ts';
import type { ActivationOutcome } from '../../../gateway/invoker/activation.ts';
import { Invoker } from '../../../gateway/invoker/invoker.ts';
import type { JsonObject } from '../../../gateway/json/json.ts';
import { sendJson, startActionContainer } from '../support/action-container.ts';

const invokers: Invoker[] = [];
afterEach(async () => {
  await Promise.all(invokers.splice(0).map((invoker) => invoker.close()));
});

/** An invoker and an action whose instances are programs (test/gateway/support/instance-program.mjs). */
function createRun(definition: Partial<ActionDefinition> = {}, environment: Record<string, string> = {}) {
  const source: InstanceSource = {
    kind: 'process',
    command: process.execPath,
    arguments: [join(import.meta.dirname, '../support/instance-program.mjs')],
    environment: { GIVEN: 'given', ...environment },
    directory: import.meta.dirname,
  };
  return runOf(createAction({ name: 'test', source, ...definition }));
}

function runOf(action: Action) {
  const invoker = new Invoker({
    apiHost: () => 'http://gateway:1',
    key: 'uuid:key',
    resultLimit: 1_048_576,
    onLog: () => undefined,
  });
  invokers.push(invoker);
  let count = 0;
  return async (parameters: JsonObject = {}): Promise<ActivationOutcome> => {
    count += 1;
    const outcome = await invoker.run({
      activationId: `id${count}`,
      transaction: `tid${count}`,
      namespace: 'guest',
      action,
      parameters,
    });
    if (outcome === undefined) throw new Error('the activation is lost');
    return outcome;
  };
}

function resultOf({ response }: ActivationOutcome): Record<string, unknown> {
  expect(response.status).toBe('success');
  return JSON.parse(JSON.stringify(response.result)) as Record<string, unknown>;
}

/** A member of a result as text. Numbers keep their digits. */
function textOf(outcome: ActivationOutcome, name: string): string {
  return String((outcome.response.result as Record<string, unknown>)[name]);
}

describe('instances', () => {
  test('starts one at the first activation, with /init, and keeps it warm', async () => {
    const run = createRun();
    const [first, second] = [await run(), await run()];
    expect(first.initTime).toBeTypeOf('number');
    expect(second.initTime).toBeUndefined();
    expect([textOf(first, 'runs'), textOf(second, 'runs')]).toEqual(['1', '2']);
    expect(textOf(first, 'pid')).toBe(textOf(second, 'pid'));
  });

  test.each([
    ['fail', 'action developer error', 'The action did not produce a valid JSON or JSON Array response'],
    ['exit', 'action developer error', 'The action did not produce a valid response and exited unexpectedly.'],
  ])('removes one after %s, and starts another for the next activation', async (command, status, error) => {
    const run = createRun();
    const first = await run();
    const failed = await run({ do: command });
    expect(failed.response.status).toBe(status);
    expect(textOf(failed, 'error')).toContain(error);
    const next = await run();
    expect(next.initTime).toBeTypeOf('number');
    expect(textOf(next, 'pid')).not.toBe(textOf(first, 'pid'));
  });

  test('kills one that exceeds the time limit', async () => {
    const run = createRun({ limits: { timeout: 2000 } });
    const first = await run();
    const late = await run({ do: 'hang' });
    expect(late.timedOut).toBe(true);
    expect(late.response.result).toEqual({ error: 'The action exceeded its time limits of 2000 milliseconds.' });
    await late.logs;
    expect(() => process.kill(Number(textOf(first, 'pid')), 0)).toThrow('ESRCH');
  });

  test('loses an activation whose instance answers 503, and starts another instance for the next', async () => {
    const run = createRun();
    const first = await run();
    await expect(run({ do: 'unhealthy' })).rejects.toThrow('the activation is lost');
    expect(textOf(await run(), 'pid')).not.toBe(textOf(first, 'pid'));
  });

  test('runs a call again on another when a warm one ends during it', async () => {
    const run = createRun();
    const first = await run();
    const again = await run({ do: 'exit once', pid: textOf(first, 'pid') });
    expect(again.response.status).toBe('success');
    expect(again.initTime).toBeTypeOf('number');
    expect(textOf(again, 'pid')).not.toBe(textOf(first, 'pid'));
  });

  test('fails the activation when /init fails', async () => {
    const { response } = await createRun({}, { INIT_STATUS: '500' })();
    expect(response).toEqual({ status: 'action developer error', result: { error: 'init refused' } });
  });

  test('fails the activation at once when the program ends before it listens', async () => {
    const source = {
      kind: 'process',
      command: process.execPath,
      arguments: ['-e', ''],
      environment: {},
      directory: '/',
    } as const;
    const { response } = await createRun({ source })();
    expect(response.result).toEqual({ error: 'The action did not initialize and exited unexpectedly.' });
  });

  test('fails the activation when the program cannot be started', async () => {
    const source = {
      kind: 'process',
      command: '/nowhere/program',
      arguments: [],
      environment: {},
      directory: '/',
    } as const;
    const { response } = await createRun({ source })();
    expect(response).toEqual({
      status: 'whisk internal error',
      result: { error: 'Failed to provision resources to run the action.' },
    });
  });
});

/** How many instances three overlapping activations run on. */
async function instancesOfThree(limits: ActionDefinition['limits']): Promise<number> {
  const run = createRun(limits === undefined ? {} : { limits });
  const outcomes = await Promise.all([1, 2, 3].map(() => run({ delay: 100 })));
  return new Set(outcomes.map((outcome) => textOf(outcome, 'pid'))).size;
}

describe('overlapping activations', () => {
  test('wait for the one instance by default', async () => {
    expect(await instancesOfThree(undefined)).toBe(1);
  });

  test('get separate instances up to the limit', async () => {
    expect(await instancesOfThree({ instances: 3 })).toBe(3);
  });

  test('share an instance that takes several, initialized once', async () => {
    expect(await instancesOfThree({ concurrency: 3 })).toBe(1);
  });

  test('are refused when the invoker is closed', async () => {
    const run = createRun();
    const running = Promise.allSettled([run({ do: 'hang' }), run()]);
    await Promise.all(invokers.map((invoker) => invoker.close()));
    const settled = await running;
    expect(settled.at(1)).toMatchObject({ status: 'rejected' });
  });
});

describe('what an instance receives', () => {
  const parameters = [
    { key: 'a', value: 'action' },
    { key: 'b', value: 'action' },
    { key: 'TEXT', value: 'text', init: true },
    { key: 'NOTHING', value: null, init: true },
    { key: 'LIST', value: [1, { b: true }], init: true },
  ];

  test('1.2 its environment, at start and at /init', async () => {
    const result = resultOf(await createRun({ parameters })());
    expect([result['process'], result['api']]).toEqual(['given', 'http://gateway:1']);
    expect(result['environment']).toEqual({
      __OW_NAMESPACE: 'guest',
      __OW_ACTION_NAME: '/guest/test',
      __OW_ACTION_VERSION: '0.0.1',
      __OW_ACTIVATION_ID: 'id1',
      __OW_TRANSACTION_ID: 'tid1',
      __OW_DEADLINE: expect.stringMatching(/^\d{13}$/) as unknown,
      TEXT: 'text',
      NOTHING: '',
      LIST: '[1,{"b":true}]',
    });
  });

  test('2.1 the envelope of /run, defaults below parameters', async () => {
    const run = createRun({ parameters, package: 'pack', annotations: { 'provide-api-key': true } });
    expect(resultOf(await run({ b: 'caller' }))['body']).toEqual({
      value: { a: 'action', b: 'caller' },
      namespace: 'guest',
      action_name: '/guest/pack/test',
      action_version: '0.0.1',
      activation_id: 'id1',
      transaction_id: 'tid1',
      deadline: expect.stringMatching(/^\d{13}$/) as unknown,
      api_key: 'uuid:key',
    });
  });
});

describe('logs', () => {
  test('are the lines up to the markers, per activation, without the markers', async () => {
    const run = createRun();
    for (const number of [1, 2]) {
      const { logs } = await run();
      const lines = (await logs).map((line) => line.slice(31));
      expect(lines.toSorted()).toEqual([`stderr: err ${number}`, `stdout: out ${number}`]);
    }
  });
});

describe('an external container', () => {
  test('may have been initialized before, and is used again after a failure', async () => {
    const container = await startActionContainer();
    let status = 500;
    container.handle = (path, response) => {
      const refusal = { error: 'Cannot initialize the action more than once.' };
      if (path === '/init') sendJson(response, 403, refusal);
      else sendJson(response, status, {});
    };
    const run = runOf(createAction({ name: 'test', source: { kind: 'container', url: container.url } }));
    expect((await run()).response.status).toBe('action developer error');
    status = 200;
    expect((await run()).response.status).toBe('success');
    await container.close();
  });
});
