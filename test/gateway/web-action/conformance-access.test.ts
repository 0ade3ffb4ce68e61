import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { splitExtension } from '../../../gateway/web-action/route.ts';
import { callers, methods, startStage, type Stage } from '../support/stage.ts';

// The numbers are the rows of upstream's WebActionsApiTests.scala. A small HTTP server with /init and /run stands for
// the action's container.
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.container.calls.length = 0;
  stage.container.answer = ({ value }) => ({ body: value });
});

test.each([
  ...['.http', '.json', '.text', '.html', '.svg'].flatMap((extension) =>
    ['t', 'tt', 't.wxyz', 'tt.wxyz'].map((name) => [name + extension, name, extension]),
  ),
  ...['t', 'tt', 'abcde', 'abcdef', 't.wxyz'].map((name) => [name, name, '.http']),
])('7.5 #1 extension splitter: %s', (segment, name, extension) => {
  expect(splitExtension(segment)).toEqual([name, extension]);
});

describe.each(callers)('access to web actions, $caller caller', ({ caller, credentials }) => {
  const isAuthenticated = caller === 'authenticated';
  const defaultCors = {
    'access-control-allow-origin': ['*'],
    'access-control-allow-methods': ['OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH'],
  };

  test.each(['a', 'a/b', '/a', 'guest/c', 'guest/export_c', ''])(
    '7.5 #3 not match invalid routes: %j',
    async (path) => {
      for (const method of methods) {
        // Upstream's test has no other routes. A real controller answers OPTIONS everywhere, and requires credentials.
        const status = method === 'OPTIONS' ? 200 : isAuthenticated ? 404 : 401;
        expect((await stage.web(path, { method, headers: credentials })).status).toBe(status);
      }
      expect(stage.container.runs()).toEqual([]);
    },
  );

  test.each(['other/proxy/export_c', 'guest/doesnotexist/c', 'guest/default/c', 'guest/proxy/export_fail'])(
    '7.5 #4 reject when identity, package, action or annotation is missing: %s',
    async (path) => {
      for (const extension of ['', '.json']) {
        const reply = await stage.web(path + extension, { headers: credentials });
        expect([reply.status, reply.json()['error']]).toEqual([404, 'The requested resource does not exist.']);
      }
    },
  );

  test.each(methods.filter((method) => method !== 'OPTIONS'))('7.5 #5 whisk auth required: %s', async (method) => {
    const { status } = await stage.web('guest/default/auth_user.json', { method, headers: credentials });
    expect(status).toBe(isAuthenticated ? 200 : 401);
    const user = stage.container.runs().map(({ value }) => value['__ow_user']);
    expect(user).toEqual(isAuthenticated ? ['guest'] : []);
  });

  test('7.5 #5 whisk auth required: OPTIONS is answered by the controller, with CORS, for every caller', async () => {
    const options = { method: 'OPTIONS', headers: credentials };
    const reply = await stage.web('guest/default/auth_default_options.json', options);
    expect([reply.status, reply.text]).toEqual([200, '']);
    for (const [name, value] of Object.entries(defaultCors)) expect(reply.all(name)).toEqual(value);
    expect(stage.container.runs()).toEqual([]);
  });

  test.each([
    ['auth_key', 'example-key', 200],
    ['auth_key', 'example-key-bad', 401],
    ['auth_key', undefined, 401],
    ['auth_number', '1234', 200],
    ['auth_number', '12', 401],
    ['auth_open', undefined, 200],
    ['auth_wrong', 'null', 401],
  ])('7.5 #6 x-authentication required: %s with %s', async (action, key, status) => {
    const headers = key === undefined ? credentials : { ...credentials, 'X-Require-Whisk-Auth': key };
    expect((await stage.web(`guest/default/${action}.json`, { headers })).status).toBe(status);
  });

  test('7.5 #8 invocation errors: an array result ends in 500', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    stage.container.answer = () => [1];
    const reply = await stage.web('guest/proxy/export_c.json', { headers: credentials });
    expect([reply.status, reply.text]).toEqual([500, 'There was an internal server error.']);
    const line = /^modelwhisk: the web action's result is an array, .*\n {2}return an object/;
    expect(log.mock.calls).toEqual([[expect.stringMatching(line)]]);
    log.mockRestore();
  });

  test.each([
    ['application/json', (length: number) => `{"a":"${'a'.repeat(length - 8)}"}`],
    ['application/x-www-form-urlencoded', (length: number) => `a=${'a'.repeat(length - 2)}`],
  ])('7.5 #43 entity size, system limit: %s', async (type, make) => {
    const limit = 1_048_576;
    const headers = { ...credentials, 'Content-Type': type };
    for (const chunked of [false, true]) {
      const options = { method: 'POST', headers, chunked };
      const reply = await stage.web('guest/proxy/export_c.text', { ...options, body: make(limit + 1) });
      const error = 'Request larger than allowed: 1048577 > 1048576 bytes.';
      expect([reply.status, reply.json()['error']]).toEqual([413, error]);
    }
    expect(stage.container.runs()).toEqual([]);
    stage.container.answer = () => ({ text: 'arrived' });
    const reply = await stage.web('guest/proxy/export_c.text', { method: 'POST', headers, body: make(limit) });
    expect([reply.status, reply.text]).toEqual([200, 'arrived']);
  });

  test.each(['.xyz', '.xyz/', '.xyz/content', '.xyzz', '.xyzz/', '.xyzz/content'])(
    '7.5 #46 unknown extensions: %s',
    async (extension) => {
      expect((await stage.web(`guest/proxy/export_c${extension}`, { headers: credentials })).status).toBe(404);
    },
  );

  test('7.5 #51 custom options: the action answers OPTIONS, nothing is added', async () => {
    stage.container.answer = () => ({ headers: { 'Access-Control-Allow-Methods': 'OPTIONS, GET, PATCH' } });
    const headers = { ...credentials, 'Access-Control-Request-Headers': 'x-custom-header' };
    const reply = await stage.web('guest/proxy/export_c.http', { method: 'OPTIONS', headers });
    expect(reply.all('access-control-allow-methods')).toEqual(['OPTIONS, GET, PATCH']);
    expect(reply.all('access-control-allow-origin')).toEqual([]);
    expect(reply.all('access-control-request-headers')).toEqual([]);
  });

  test('7.5 #52 custom options without auth: OPTIONS invokes the action even so', async () => {
    const { status } = await stage.web('guest/default/auth_user.json', { method: 'OPTIONS', headers: credentials });
    expect(status).toBe(200);
    expect(stage.container.runs()).toHaveLength(1);
  });

  test.each(methods)('7.5 #54 default options headers: %s', async (method) => {
    for (const [name, value] of [
      ['Access-Control-Request-Headers', 'x-custom-header'],
      ['x-custom-header', 'value'],
    ] as const) {
      const reply = await stage.web('guest/default/default_options.http', {
        method,
        headers: { ...credentials, [name]: value },
      });
      for (const [header, expected] of Object.entries(defaultCors)) expect(reply.all(header)).toEqual(expected);
      expect(reply.all('access-control-allow-headers')).toEqual([
        name === 'x-custom-header'
          ? 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent'
          : 'x-custom-header',
      ]);
    }
    expect(stage.container.runs()).toHaveLength(method === 'OPTIONS' ? 0 : 2);
  });

  test('7.5 #54 default options headers precede the action’s', async () => {
    stage.container.answer = () => ({ headers: { 'Access-Control-Allow-Origin': 'https://example.org' } });
    const reply = await stage.web('guest/default/default_options.http', { headers: credentials });
    expect(reply.all('access-control-allow-origin')).toEqual(['*', 'https://example.org']);
  });
});

describe.each(callers)('limits on web actions, $caller caller', ({ credentials }) => {
  test('7.5 #7 invocation times out: 202 with the activation id', async () => {
    const slow = await startStage({ waitLimit: 10 });
    slow.container.handle = () => undefined;
    const reply = await slow.web('guest/proxy/export_c.json', { headers: credentials });
    expect([reply.status, reply.json()['error']]).toEqual([202, 'Response not yet ready.']);
    expect(reply.all('x-openwhisk-activation-id')[0]).toMatch(/^[0-9a-f]{32}$/);
    await slow.close();
  });
});
