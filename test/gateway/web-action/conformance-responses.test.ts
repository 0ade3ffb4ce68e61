import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../support/send.ts';
import { callers, methods, pngImage, startStage, type Stage } from '../support/stage.ts';

// The numbers are the rows of upstream's WebActionsApiTests.scala. A small HTTP server with /init and /run stands for
// the action's container.
const path = 'guest/proxy/export_c';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.container.calls.length = 0;
});

describe.each(callers)('web action replies, $caller caller', ({ credentials }) => {
  /** Calls the action, which answers with `result`. */
  function answered(result: unknown, extension = '.http', options: { method?: string; accept?: string } = {}) {
    stage.container.answer = () => result;
    const accept = options.accept === undefined ? {} : { Accept: options.accept };
    return stage.web(path + extension, { method: options.method ?? 'GET', headers: { ...credentials, ...accept } });
  }

  test('7.5 #22 .text property missing', async () => {
    const reply = await answered({ a: 1 }, '.text');
    expect(reply.status).toBe(404);
    expect(reply.json()['error']).toBe('Response does not include requested property.');
    expect(reply.text.split('\n')).toHaveLength(4);
  });

  test.each(methods)('7.5 #23 status and headers terminate: %s', async (method) => {
    const reply = await answered({ headers: { location: 'http://openwhisk.org' }, statusCode: 302 }, '.http/content', {
      method,
    });
    expect(reply.status).toBe(302);
    expect(reply.all('location')).toEqual(['http://openwhisk.org']);
  });

  test('7.5 #24 non-standard status 444', async () => {
    const reply = await answered({ statusCode: 444, body: 'no' });
    expect([reply.status, reply.text]).toEqual([444, 'no']);
  });

  test.each([
    ['.text', { text: 'default text' }, 'text/plain; charset=UTF-8', 'default text'],
    ['.json', { foobar: 'foobar' }, 'application/json', '{\n  "foobar": "foobar"\n}'],
    ['.html', { html: '<html>hi</html>' }, 'text/html; charset=UTF-8', '<html>hi</html>'],
    ['.svg', { svg: '<svg><circle r="3"/></svg>' }, 'image/svg+xml', '<svg><circle r="3"/></svg>'],
    ['.text', { body: 'b', text: 't' }, 'text/plain; charset=UTF-8', 'b'],
    ['.html', { body: 'b', html: 'h' }, 'text/html; charset=UTF-8', 'b'],
    ['.svg', { body: 'b', svg: 's' }, 'image/svg+xml', 'b'],
  ])('7.5 #25 default projection: %s %j', async (extension, result, type, text) => {
    const reply = await answered(result, extension);
    expect([reply.status, reply.all('content-type'), reply.text]).toEqual([200, [type], text]);
  });

  test.each(['.html', '.svg'])('7.5 #25 default projection: %s without a string is 400', async (extension) => {
    const reply = await answered({ html: 1, svg: 1 }, extension);
    const type = extension === '.html' ? 'text/html' : 'image/svg+xml';
    expect([reply.status, reply.json()['error']]).toEqual([400, `Response is not valid '${type}'.`]);
  });

  test.each([{}, { body: '' }, { body: null }])('7.5 #26 provide defaults: %j', async (result) => {
    for (const accept of [undefined, 'application/json']) {
      const reply = await answered(result, '.http', accept === undefined ? {} : { accept });
      expect(reply.status).toBe(204);
      expect(reply.body).toHaveLength(0);
      expect(reply.all('content-type')).toEqual([]);
      expect(reply.all('x-openwhisk-activation-id')[0]).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test.each([
    [{ a: 'A' }, '{\n  "a": "A"\n}'],
    [['a', 1, { b: [2] }], '["a", 1, {\n  "b": [2]\n}]'],
    ['a', 'a'],
    [true, 'true'],
    [1, '1'],
    [null, 'null'],
  ])('7.5 #27 all JSON values with .text: %j', async (value, text) => {
    expect((await answered({ text: value }, '.text')).text).toBe(text);
  });

  test.each([200, 201])('7.5 #28 JSON object as string response: %i', async (statusCode) => {
    const body = '{"field":   "value"}\n';
    const reply = await answered({ headers: { 'content-type': 'application/json' }, statusCode, body });
    expect([reply.status, reply.all('content-type'), reply.text]).toEqual([statusCode, ['application/json'], body]);
  });

  describe('7.5 #29 partially specified result', () => {
    test('status omitted', async () => {
      const reply = await answered({ headers: { 'content-type': 'application/json' }, body: { field: 'value' } });
      expect([reply.status, reply.json()]).toEqual([200, { field: 'value' }]);
    });
    test.each([undefined, 201])(
      'headers omitted, status %s: a string without a type is text/html',
      async (statusCode) => {
        const reply = await answered({ statusCode, body: '{"field":"é"}' });
        expect([reply.status, reply.text]).toEqual([statusCode ?? 200, '{"field":"é"}']);
        expect(reply.all('content-type')).toEqual(['text/html; charset=UTF-8']);
      },
    );
    test.each([200, 201, 204])('body and headers omitted: %i', async (statusCode) => {
      const reply = await answered({ statusCode });
      expect([reply.status, reply.text, reply.all('content-type')]).toEqual([statusCode, '', []]);
    });
    test.each([200, 201, 204])('body omitted: %i', async (statusCode) => {
      const reply = await answered({
        headers: { 'Set-Cookie': 'a=b', 'content-type': 'application/json' },
        statusCode,
      });
      expect([reply.status, reply.all('set-cookie'), reply.all('content-type')]).toEqual([statusCode, ['a=b'], []]);
    });
  });

  test.each([200, 201, 204])('7.5 #30 no body when status set, Accept ignored: %i', async (statusCode) => {
    const headers = { 'Set-Cookie': 'a=b', 'content-type': 'application/json' };
    const reply = await answered({ headers, statusCode }, '.http', { accept: 'text/html' });
    expect([reply.status, reply.text]).toEqual([statusCode, '']);
    expect(reply.all('set-cookie')).toEqual(['a=b']);
    expect(reply.all('content-type')).toEqual([]);
  });

  test.each([
    ['7.5 #31 JSON object response', 'application/json', { field: 'value' }, 'application/json'],
    ['7.5 #31 JSON object response, no type', undefined, { field: 'value' }, 'application/json'],
    ['7.5 #33 known +json', 'application/json-patch+json', { field: 'value' }, 'application/json-patch+json'],
    ['7.5 #34 unknown +json', 'application/hal+json', { field: 'value' }, 'application/hal+json'],
    ['7.5 #34 bare number', undefined, 3, 'application/json'],
  ])('%s (%s)', async (_title, given, body, type) => {
    const headers = given === undefined ? {} : { 'content-type': given };
    const reply = await answered({ headers, statusCode: 200, body });
    expect([reply.status, reply.all('content-type'), JSON.parse(reply.text)]).toEqual([200, [type], body]);
  });

  test('7.5 #31 #33 #34 JSON object as text/html is 400', async () => {
    const reply = await answered({ headers: { 'content-type': 'text/html' }, body: { field: 'value' } });
    expect(errorOf(reply)).toEqual([400, 'Response type in header did not match generated content type.']);
  });

  test('7.5 #32 base64 encoded known +json', async () => {
    const headers = { 'content-type': 'application/json-patch+json' };
    const reply = await answered({ headers, statusCode: 200, body: btoa('{"field":"value"}') });
    expect([reply.status, reply.text]).toEqual([200, '{"field":"value"}']);
  });

  test('7.5 #35 base64 encoded binary', async () => {
    const reply = await answered({ headers: { 'content-type': 'image/png' }, body: pngImage.toString('base64') });
    expect([reply.status, reply.all('content-type')]).toEqual([200, ['image/png']]);
    expect(reply.body.equals(pngImage)).toBe(true);
  });

  test('7.5 #36 html/text', async () => {
    const reply = await answered({ statusCode: 200, body: 'hello world' });
    expect([reply.status, reply.text]).toEqual([200, 'hello world']);
  });

  test('7.5 #37 incorrect application/json header with text', async () => {
    const reply = await answered({ headers: { 'content-type': 'application/json' }, body: 'hello world' });
    expect([reply.all('content-type'), reply.text]).toEqual([['application/json'], 'hello world']);
  });

  test('7.5 #38 invalid content-type header', async () => {
    const reply = await answered({ headers: { 'content-type': 'xyzbar' }, statusCode: 200, body: 'hello world' });
    expect(errorOf(reply)).toEqual([400, 'Response did not specify a known content-type.']);
  });

  test.each(['.http', '.http/ignoreme'])('7.5 #39 application error: %s', async (extension) => {
    const reply = await answered({ error: { statusCode: 422, body: 'no hello for you' }, other: 1 }, extension);
    expect([reply.status, reply.text]).toEqual([422, 'no hello for you']);
  });

  test.each(['.json', '.json/ignoreme'])('7.5 #40 application error not matching %s', async (extension) => {
    expect(errorOf(await answered({ error: 'text' }, extension))).toEqual([
      400,
      "Response is not valid 'application/json'.",
    ]);
  });

  test('7.5 #40 application error not matching .http', async () => {
    expect(errorOf(await answered({ error: 'text' }))).toEqual([400, "Response is not valid 'message/http'."]);
  });

  test.each(['.json', '.json/ignoreme', '.text'])('7.5 #41 developer or system error: %s', async (extension) => {
    for (const result of ['no object', 3, null]) {
      expect(errorOf(await answered(result, extension))).toEqual([400, 'There was an error processing your request.']);
    }
  });

  test('7.5 #53 multiple header values', async () => {
    const reply = await answered({ headers: { 'Set-Cookie': ['a=b', 'c=d; Path = /'] } }, '.http', {
      method: 'OPTIONS',
    });
    expect(reply.all('set-cookie')).toEqual(['a=b', 'c=d; Path = /']);
  });

  test('7.5 #55 head verb', async () => {
    const result = { headers: { location: 'http://openwhisk.org' }, body: 'hello' };
    const reply = await answered(result, '.http', { method: 'HEAD' });
    expect([reply.status, reply.all('location')]).toEqual([200, ['http://openwhisk.org']]);
    expect([reply.text, reply.all('content-length')]).toEqual(['', ['5']]);
    expect(stage.container.runs().at(-1)?.value['__ow_method']).toBe('head');
  });

  test('7.5 #56 html action with Accept', async () => {
    const xml = '<?xml version="1.0" encoding="UTF-8"?><note/>';
    const reply = await answered({ html: xml }, '.html', { accept: 'text/html' });
    expect([reply.status, reply.all('content-type'), reply.text]).toEqual([200, ['text/html; charset=UTF-8'], xml]);
  });

  test('7.5 #60 invalid accept header', async () => {
    const reply = await answered({ body: 'Plain text' }, '.http', { accept: 'application/json' });
    const types = 'Resource representation is only available with these types:\ntext/html; charset=UTF-8';
    expect(errorOf(reply)).toEqual([406, types]);
    expect(reply.all('x-openwhisk-activation-id')).toEqual([]);
  });

  test('7.5 #62 not invoked twice', async () => {
    const reply = await answered({ html: '<p/>' }, '.html', { accept: 'text/xml' });
    expect(reply.status).toBe(406);
    expect(stage.container.runs()).toHaveLength(1);
  });

  test.each([
    ['200', 200],
    ['444', 444],
    ['xyz', 400],
    ['200.0', 400],
    [200.5, 400],
    [true, 400],
    [null, 400],
    [99, 400],
    [600, 400],
  ])('7.5 #65 string status code: %j', async (statusCode, status) => {
    expect((await answered({ statusCode }, '.http', { method: 'HEAD' })).status).toBe(status);
  });
});

/** Status and text of an error in the controller's form. Its code is the transaction id. */
function errorOf(reply: Received): [status: number, error: unknown] {
  const { error, code, ...rest } = reply.json();
  expect([reply.all('content-type'), code, rest]).toEqual([['application/json'], reply.all('x-request-id')[0], {}]);
  return [reply.status, error];
}
