import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reservedProperties } from '../../../gateway/web-action/request.ts';
import { callers, methods, methodsWithEntity, pngImage, startStage, type Stage } from '../support/stage.ts';

// The numbers are the rows of upstream's WebActionsApiTests.scala. A small HTTP server with /init and /run stands for
// the action's container.
const defaults = { x: 'X', y: 'Y', z: 'Z', empty: null };
const json = { 'Content-Type': 'application/json' };

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.container.calls.length = 0;
  stage.container.answer = ({ value }) => ({ body: value });
});

/** The parameters of the action's last activation, without the request's headers. */
function lastParameters(): Record<string, unknown> {
  const { __ow_headers: _, ...parameters } = stage.container.runs().at(-1)?.value ?? {};
  return parameters;
}

function lastHeaders(): Record<string, string> {
  return (stage.container.runs().at(-1)?.value['__ow_headers'] ?? {}) as Record<string, string>;
}

test('7.5 #2 properties match: the six reserved names', () => {
  expect(Object.values(reservedProperties)).toEqual([
    '__ow_method',
    '__ow_headers',
    '__ow_path',
    '__ow_user',
    '__ow_query',
    '__ow_body',
  ]);
});

describe.each(callers)('web action parameters, $caller caller', ({ caller, credentials }) => {
  const user = caller === 'authenticated' ? { __ow_user: 'guest' } : {};

  test.each(methods)('7.5 #9 merge query parameters: %s', async (method) => {
    const { status } = await stage.web('guest/proxy/export_c.json?a=b&c=d', { method, headers: credentials });
    expect(status).toBe(200);
    const meta = { __ow_method: method.toLowerCase(), __ow_path: '', ...user };
    expect(lastParameters()).toEqual({ ...defaults, ...meta, a: 'b', c: 'd' });
  });

  test.each(methodsWithEntity)('7.5 #10 merge body parameters, trailing slash is the path: %s', async (method) => {
    const body = JSON.stringify({ extra: 'read all about it', yummy: true });
    for (const slash of ['', '/']) {
      await stage.web(`guest/proxy/export_c.json${slash}`, { method, headers: { ...credentials, ...json }, body });
      const meta = { __ow_method: method.toLowerCase(), __ow_path: slash, ...user };
      expect(lastParameters()).toEqual({ ...defaults, ...meta, extra: 'read all about it', yummy: true });
      expect(lastHeaders()['content-type']).toBe('application/json');
    }
  });

  test.each([
    ['', {}],
    ['{}', {}],
    ['[]', { __ow_body: [] }],
    ['null', { __ow_body: null }],
  ])('7.5 #11 empty entity: %j', async (body, expected) => {
    await stage.web('guest/proxy/export_c.json', { method: 'POST', headers: { ...credentials, ...json }, body });
    expect(lastParameters()).toEqual({ ...defaults, __ow_method: 'post', __ow_path: '', ...user, ...expected });
  });

  test('7.5 #12 merge query and body: the body wins', async () => {
    await stage.web('guest/proxy/export_c.json?a=b&c=d', {
      method: 'POST',
      headers: { ...credentials, ...json },
      body: '{"a":1,"extra":"body"}',
    });
    expect(lastParameters()).toMatchObject({ a: 1, c: 'd', extra: 'body' });
  });

  test('7.5 #13 default package', async () => {
    const { status } = await stage.web('guest/default/export_c.json', { headers: credentials });
    expect(status).toBe(200);
    expect(stage.container.runs().at(-1)).toMatchObject({ action_name: '/guest/export_c', namespace: 'guest' });
  });

  test.each([
    ['/content', '/content'],
    ['/content/z//', '/content/z//'],
    ['/a%20b/%41%2fc', '/a%20b/A%2Fc'],
    ['/model/predict?q=/x', '/model/predict'],
  ])('7.5 #21 unmatched segment: %s', async (rest, path) => {
    await stage.web(`guest/proxy/export_c.json${rest}`, { headers: credentials });
    expect(lastParameters()['__ow_path']).toBe(path);
  });

  test.each(['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=US-ASCII'])(
    '7.5 #42 formdata: %s',
    async (type) => {
      const headers = { ...credentials, 'Content-Type': type };
      const body = 'field1=value1&field2=value+2&field2=%C3%A9';
      await stage.web('guest/proxy/export_c.text', { method: 'POST', headers, body });
      expect(lastParameters()).toEqual({
        ...defaults,
        ...user,
        __ow_method: 'post',
        __ow_path: '',
        field1: 'value1',
        field2: 'é',
      });
    },
  );

  test.each(Object.values(reservedProperties))('7.5 #47 override reserved properties: %s', async (name) => {
    const attempts = [
      await stage.web(`guest/proxy/export_c.json?${name}=Y`, { headers: credentials }),
      await stage.web('guest/proxy/export_c.json', {
        method: 'POST',
        headers: { ...credentials, ...json },
        body: JSON.stringify({ [name]: 'Y' }),
      }),
    ];
    for (const reply of attempts) {
      expect(reply.status).toBe(400);
      expect(reply.json()['error']).toBe(
        'Request defines parameters that are not allowed (e.g., reserved properties).',
      );
    }
    expect(stage.container.runs()).toEqual([]);
  });

  test('7.5 #48 override final parameters: refused, but a null default may be set', async () => {
    for (const name of ['x', 'y', 'z']) {
      const query = await stage.web(`guest/proxy/export_c.json?${name}=o`, { headers: credentials });
      const body = await stage.web('guest/proxy/export_c.json', {
        method: 'POST',
        headers: { ...credentials, ...json },
        body: JSON.stringify({ [name]: 'o' }),
      });
      expect([query.status, body.status]).toEqual([400, 400]);
    }
    expect((await stage.web('guest/proxy/export_c.json?empty=o', { headers: credentials })).status).toBe(200);
    expect(lastParameters()).toMatchObject({ empty: 'o', x: 'X' });
  });

  test('7.5 #49 inline non-object body', async () => {
    const headers = { ...credentials, 'Content-Type': 'text/html; charset=utf-8' };
    await stage.web('guest/proxy/export_c.json', { method: 'POST', headers, body: '1,2,3' });
    expect(lastParameters()).toMatchObject({ __ow_body: '1,2,3' });
    expect(lastHeaders()['content-type']).toBe('text/html; charset=UTF-8');
    await stage.web('guest/proxy/export_c.json?a=b&c=d', { method: 'POST', headers: credentials });
    expect(lastParameters()).toEqual({ ...defaults, ...user, __ow_method: 'post', __ow_path: '', a: 'b', c: 'd' });
  });

  test('7.5 #57 raw not failing on final overlap', async () => {
    const query = 'x=overriden&key2=value2';
    const first = await stage.web(`guest/proxy/raw_export_c.json?${query}`, { method: 'POST', headers: credentials });
    expect(first.status).toBe(200);
    expect(lastParameters()).toMatchObject({ __ow_query: query, __ow_body: '', x: 'X' });
    const body = '{"x":"overriden","__ow_method":"Y"}';
    const headers = { ...credentials, ...json };
    const second = await stage.web('guest/proxy/raw_export_c.json', { method: 'POST', headers, body });
    expect(second.status).toBe(200);
    expect(lastParameters()).toMatchObject({ __ow_query: '', __ow_body: btoa(body), __ow_method: 'post', x: 'X' });
  });

  test.each(['1,2,3', '{"a": "A"}', '{\n  "a": "A"\n}'])('7.5 #58 raw body and query set: %j', async (body) => {
    const headers = { ...credentials, ...json };
    const path = 'guest/proxy/raw_export_c.json?key1=value1&key2=value2';
    await stage.web(path, { method: 'POST', headers, body });
    expect(lastParameters()).toEqual({
      ...defaults,
      ...user,
      __ow_method: 'post',
      __ow_path: '',
      __ow_query: 'key1=value1&key2=value2',
      __ow_body: btoa(body),
    });
  });

  test('7.5 #59 raw empty strings', async () => {
    await stage.web('guest/proxy/raw_export_c.json', { method: 'POST', headers: credentials });
    expect(lastParameters()).toMatchObject({ __ow_query: '', __ow_body: '' });
  });

  test.each(['this is a string', [1, 'str str', false], true, 99, null])(
    '7.5 #63 JSON value bodies as is: %j',
    async (value) => {
      const headers = { ...credentials, ...json };
      const body = JSON.stringify(value);
      await stage.web('guest/proxy/export_c.json', { method: 'POST', headers, body });
      expect(lastParameters()).toMatchObject({ __ow_body: value });
    },
  );

  test('7.5 #64 binary body base64', async () => {
    const headers = { ...credentials, 'Content-Type': 'image/png' };
    await stage.web('guest/proxy/export_c.json', { method: 'POST', headers, body: pngImage });
    expect(lastParameters()).toMatchObject({ __ow_body: pngImage.toString('base64') });
    expect(lastHeaders()['content-type']).toBe('image/png');
  });

  test.each(['application/cloudevents+json', 'application/json'])(
    '7.5 #66 +json subtypes in requests: %s',
    async (type) => {
      const headers = { ...credentials, 'Content-Type': type };
      await stage.web('guest/proxy/export_c.json', { method: 'POST', headers, body: '{"field1":"value1"}' });
      expect(lastParameters()).toMatchObject({ field1: 'value1' });
      expect(lastParameters()).not.toHaveProperty('__ow_body');
    },
  );
});
