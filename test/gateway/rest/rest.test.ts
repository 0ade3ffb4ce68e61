import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, type SendOptions } from '../support/send.ts';
import { callers, startStage, type Stage } from '../support/stage.ts';

const [, { credentials }] = callers;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({}, [
    { name: 'echo', parameters: [{ key: 'fixed', value: 1 }] },
    { name: 'open', package: 'pack', annotations: { final: false }, parameters: [{ key: 'fixed', value: 1 }] },
  ]);
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.container.calls.length = 0;
  stage.container.answer = ({ value }) => value;
});

function rest(path: string, options: SendOptions = {}) {
  return send(`${stage.url}/api/v1/namespaces/${path}`, {
    ...options,
    headers: { ...credentials, ...options.headers },
  });
}

function invoke(name: string, query: string, body?: string) {
  return rest(`_/actions/${name}${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
}

describe('invoking an action', () => {
  test('blocking, result only', async () => {
    const reply = await invoke('echo', '?blocking=true&result=true', '{"a":"é","n":1.50}');
    expect([reply.status, reply.text]).toEqual([200, '{"a":"é","fixed":1,"n":1.5}']);
    expect(reply.all('content-type')).toEqual(['application/json']);
    expect(reply.all('x-openwhisk-activation-id')[0]).toMatch(/^[0-9a-f]{32}$/);
    // Unlike in OpenWhisk, pages of other origins may not call.
    expect(reply.all('access-control-allow-origin')).toEqual([]);
  });

  test('blocking, the whole record', async () => {
    const record = (await invoke('pack/open', '?blocking=true', '{"fixed":2}')).json();
    expect(record).toMatchObject({
      namespace: 'guest',
      name: 'open',
      version: '0.0.1',
      response: { status: 'success', success: true, result: { fixed: 2 }, size: 11 },
      logs: [],
    });
    expect(record['annotations']).toContainEqual({ key: 'path', value: 'guest/pack/open' });
    expect(record['annotations']).toContainEqual({ key: 'kind', value: 'blackbox' });
  });

  test.each([
    ['true', 200],
    ['YES', 200],
    ['on', 200],
    ['1', 200],
    ['', 202],
    ['false', 202],
    ['no', 202],
    ['off', 202],
    ['0', 202],
    ['maybe', 400],
  ])('blocking=%s is %i', async (value, status) => {
    expect((await invoke('echo', `?blocking=${value}`)).status).toBe(status);
  });

  test('not blocking: 202 at once, even for a fast action', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => invoke('echo', '')));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
  });

  test('not blocking: 202 and the id, the record later', async () => {
    const reply = await invoke('echo', '');
    const activationId = reply.all('x-openwhisk-activation-id')[0] ?? '';
    expect([reply.status, reply.json()]).toEqual([202, { activationId }]);
    await expect.poll(async () => (await rest(`_/activations/${activationId}`)).status).toBe(200);
  });

  test('the wait is over before the result: 202', async () => {
    const slow = await startStage({ waitLimit: 10 }, [{ name: 'echo' }]);
    slow.container.handle = () => undefined;
    const url = `${slow.url}/api/v1/namespaces/_/actions/echo?blocking=true&result=true`;
    const { status } = await send(url, { method: 'POST', headers: credentials });
    expect(status).toBe(202);
    await slow.close();
  });

  test.each([
    ['application error', { error: 'e', other: 1 }, 502, { error: 'e' }],
    [
      'developer error',
      'text',
      502,
      { error: 'The action did not produce a valid JSON or JSON Array response: "text"' },
    ],
    ['array', [1, 2], 200, [1, 2]],
  ])('%s', async (_title, answer, status, result) => {
    stage.container.answer = () => answer;
    const reply = await invoke('echo', '?blocking=true&result=true');
    expect([reply.status, reply.json()]).toEqual([status, result]);
  });

  test.each([
    ['malformed JSON', '{', 'application/json', 400, /^The request content was malformed:\n/],
    ['no JSON object', '[1]', 'application/json', 400, /^The request content was malformed:\n/],
    [
      'another type',
      'a=b',
      'application/x-www-form-urlencoded',
      415,
      /Content-Type \[application\/x-www-form-urlencoded\]/,
    ],
    ['a final parameter', '{"fixed":2}', 'application/json', 400, /^Request defines parameters that are not allowed/],
    [
      'too large',
      `{"a":"${'a'.repeat(1_048_569)}"}`,
      'application/json',
      413,
      /^Request larger than allowed: 1048577 > /,
    ],
  ])('%s is refused', async (_title, body, type, status, message) => {
    const headers = { 'Content-Type': type };
    const reply = await rest('_/actions/echo?blocking=true', { method: 'POST', headers, body });
    expect([reply.status, reply.json()['error']]).toEqual([status, expect.stringMatching(message)]);
    expect(stage.container.runs()).toEqual([]);
  });

  test.each(['60001', 'x', '-1'])('timeout=%s is refused', async (timeout) => {
    expect((await invoke('echo', `?blocking=true&timeout=${timeout}`)).status).toBe(400);
  });

  test('unknown actions are 404', async () => {
    expect((await invoke('none', '')).status).toBe(404);
  });
});

/** An error, whose text other tests check. */
const anything: unknown = expect.anything();

describe('paths and methods, as Actions.scala and its neighbours route them', () => {
  test.each([
    ['GET', '', 200, ['guest']],
    ['POST', '', 404, anything],
    ['GET', '_', 404, anything],
    ['GET', '_/nothing', 404, anything],
    ['GET', '_/triggers', 200, []],
    ['GET', '_/rules?limit=0&skip=0', 200, []],
    ['GET', '_/triggers/x', 404, anything],
    ['POST', '_/triggers/x', 404, anything],
    ['GET', 'other/packages', 200, []],
    ['GET', '_/packages?count=true', 200, { packages: 1 }],
    ['GET', '_/packages/pack', 200, expect.objectContaining({ name: 'pack', actions: [expect.anything()] })],
    ['GET', '_/packages/none', 404, anything],
    ['GET', '_/actions/pack/', 200, [expect.objectContaining({ name: 'open' })]],
    ['GET', '_/actions/a/b/c', 404, anything],
    ['POST', '_/actions/echo/', 404, anything],
    ['PATCH', '_/actions/echo', 404, anything],
    ['DELETE', '_/activations', 404, anything],
    ['GET', '_/activations/short', 400, anything],
    ['GET', '_/actions?limit=201', 400, anything],
    ['GET', '_/actions?skip=x', 400, anything],
    ['GET', '_/actions?count=true', 200, { actions: 2 }],
    ['TRACE', '_/actions', 405, anything],
  ])('%s %s is %i', async (method, path, status, body) => {
    const reply = await rest(path, { method });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toEqual(body);
  });

  test('errors are JSON on one line', async () => {
    const reply = await rest('_/actions/none');
    const code = reply.all('x-request-id')[0];
    expect(reply.text).toBe(`{"code":"${code}","error":"The requested resource does not exist."}`);
  });
});

describe('reading', () => {
  test('an action, and all of them', async () => {
    const action = (await rest('guest/actions/pack/open')).json();
    expect(action).toMatchObject({ namespace: 'guest/pack', name: 'open', exec: { kind: 'blackbox' } });
    expect(action['annotations']).toContainEqual({ key: 'web-export', value: true });
    expect(JSON.parse((await rest('_/actions')).text)).toHaveLength(2);
  });

  test('an activation, its result and its logs, and a list of them, newest first', async () => {
    stage.container.answer = () => ({ error: 'e' });
    const activationId = (await invoke('echo', '?blocking=true')).all('x-openwhisk-activation-id')[0] ?? '';
    expect((await rest(`_/activations/${activationId}`)).json()).toMatchObject({ activationId, name: 'echo' });
    expect((await rest(`_/activations/${activationId}/result`)).json()).toEqual({
      status: 'application error',
      success: false,
      result: { error: 'e' },
      size: 13,
    });
    expect((await rest(`_/activations/${activationId}/logs`)).json()).toEqual({ logs: [] });
    const list = JSON.parse((await rest('_/activations?limit=1&name=echo')).text) as Record<string, unknown>[];
    expect(list).toMatchObject([{ activationId }]);
    expect(list[0]).not.toHaveProperty('response');
    expect((await rest(`_/activations/${'0'.repeat(32)}`)).status).toBe(404);
  });
});

const basic = (key: string) => ({ Authorization: `Basic ${btoa(key)}` });

describe('authentication', () => {
  test.each([
    ['none', {}, 'The resource requires authentication, which was not supplied with the request'],
    ['wrong', basic('uuid:key'), 'The supplied authentication is invalid'],
    [
      'another scheme',
      { Authorization: 'Bearer x' },
      'The resource requires authentication, which was not supplied with the request',
    ],
  ])('%s is 401', async (_title, headers, error) => {
    const reply = await send(`${stage.url}/api/v1/namespaces/_/actions/echo`, { method: 'POST', headers });
    expect([reply.status, reply.json()['error']]).toEqual([401, error]);
    expect(reply.all('www-authenticate')[0]).toMatch(/^Basic /);
  });

  test('another namespace is 403', async () => {
    const reply = await rest('other/actions/echo');
    expect(reply.status).toBe(403);
    expect(reply.json()['error']).toBe("The supplied authentication is not authorized to access 'other/echo'.");
  });

  test('OPTIONS needs no credentials, and allows no other origin', async () => {
    const reply = await send(`${stage.url}/api/v1/namespaces/_/actions/echo`, { method: 'OPTIONS' });
    expect([reply.status, reply.text, reply.all('access-control-allow-origin')]).toEqual([200, 'OK', []]);
  });
});
