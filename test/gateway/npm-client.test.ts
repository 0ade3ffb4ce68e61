import openwhisk from 'openwhisk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestKey } from '../../gateway/authentication.ts';
import { eventually } from '../support/eventually.ts';
import { startStage, type Stage } from './support/stage.ts';

let stage: Stage;
let client: ReturnType<typeof openwhisk>;
beforeAll(async () => {
  stage = await startStage({}, [
    { name: 'echo', parameters: [{ key: 'fixed', value: 1 }] },
    { name: 'open', package: 'pack' },
  ]);
  stage.container.answer = ({ value }) => value;
  client = openwhisk({ apihost: stage.url, api_key: guestKey });
});
afterAll(() => stage.close());

describe("Apache's own client for Node.js", () => {
  test('lists namespaces, packages and actions', async () => {
    expect(await client.namespaces.list()).toEqual(['guest']);
    expect(await client.packages.list()).toMatchObject([{ name: 'pack', namespace: 'guest' }]);
    const actions = await client.actions.list();
    expect(actions.map(({ name, namespace }) => `${namespace}/${name}`).toSorted()).toEqual([
      'guest/echo',
      'guest/pack/open',
    ]);
  });

  test('gets an action', async () => {
    const action = await client.actions.get({ name: 'echo' });
    expect(action).toMatchObject({ name: 'echo', namespace: 'guest', parameters: [{ key: 'fixed', value: 1 }] });
    for (const annotation of action.annotations) expect(Object.keys(annotation).toSorted()).toEqual(['key', 'value']);
  });

  test('invokes one and waits for its result', async () => {
    const result = await client.actions.invoke({ name: 'echo', blocking: true, result: true, params: { a: 'é' } });
    expect(result).toEqual({ a: 'é', fixed: 1 });
  });

  test('invokes one of a package and waits for its record', async () => {
    const record = await client.actions.invoke({ name: 'pack/open', blocking: true, params: { a: 1 } });
    expect(record).toMatchObject({ name: 'open', response: { success: true, result: { a: 1 } } });
  });

  test('invokes one without waiting, then reads its record, its logs and its result', async () => {
    const { activationId } = await client.actions.invoke({ name: 'echo', params: { b: 2 } });
    const record = await eventually('a record of the activation', () => client.activations.get({ name: activationId }));
    expect(record).toMatchObject({ activationId, name: 'echo', response: { success: true } });
    expect(await client.activations.logs({ name: activationId })).toEqual({ logs: [] });
    expect(await client.activations.result({ name: activationId })).toMatchObject({
      success: true,
      result: { b: 2, fixed: 1 },
    });
    const list = await client.activations.list({ limit: 200 });
    expect(list.map((activation) => activation.activationId)).toContain(activationId);
  });

  test('gets an error for an unknown action', async () => {
    await expect(client.actions.get({ name: 'nobody' })).rejects.toMatchObject({ statusCode: 404 });
  });
});
