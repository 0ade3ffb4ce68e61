import { describe, expect, test } from 'vitest';
import { modelRow } from '../../../../core/row.ts';
import { headerValue } from '../../../../adapter/http/headers.ts';
import { type Activation, isWebAction, readActivation } from '../../../../adapter/platforms/openwhisk/activation.ts';
import { webRequest } from '../../../../adapter/platforms/openwhisk/request.ts';

const row = modelRow.parse({
  name: 'model',
  title: 'Model',
  image: 'me/model',
  server: { kind: 'express', module: 'app.js' },
  predict: {
    input: { kind: 'file', field: 'image', filename: 'image.jpg', contentType: 'image/jpeg' },
    parameters: [{ name: 'threshold', type: 'number' }],
  },
});
const limits = { signal: new AbortController().signal, deadline: 0 };

function build(value: Record<string, unknown>, context: Activation['context'] = {}): ReturnType<typeof webRequest> {
  return webRequest({ value: { __ow_method: 'post', __ow_path: '/x', ...value }, context, deadline: 0 }, row, limits);
}

const typed = (contentType: string): Record<string, string> => ({ 'content-type': contentType });
const bytes = Buffer.from([0, 1, 0x80, 0xff, 0xfe, 10, 13]);
const base64 = bytes.toString('base64');

describe('the body, for every row of the table in section 5.4', () => {
  test.each<[title: string, value: Record<string, unknown>, body: string | Buffer, query?: string]>([
    ['standard: no body, no type', {}, ''],
    [
      'standard: JSON object, merged (7.5 #10)',
      { __ow_headers: typed('application/json'), a: 'b', c: [1] },
      '{"a":"b","c":[1]}',
    ],
    [
      'standard: JSON object of a +json type, merged (7.5 #66)',
      { __ow_headers: typed('application/cloudevents+json'), id: '1' },
      '{"id":"1"}',
    ],
    ['standard: empty JSON object (7.5 #11)', { __ow_headers: typed('application/json') }, '{}'],
    [
      'standard: JSON array as a value (7.5 #63)',
      { __ow_headers: typed('application/json'), __ow_body: [1, 'a'] },
      '[1,"a"]',
    ],
    [
      'standard: JSON string as a value (7.5 #63)',
      { __ow_headers: typed('application/json'), __ow_body: 'AAAA' },
      '"AAAA"',
    ],
    ['standard: empty JSON string', { __ow_headers: typed('application/json'), __ow_body: '' }, '""'],
    [
      'standard: JSON boolean as a value (7.5 #63)',
      { __ow_headers: typed('application/json'), __ow_body: true },
      'true',
    ],
    ['standard: JSON number as a value (7.5 #63)', { __ow_headers: typed('application/json'), __ow_body: 1.5 }, '1.5'],
    ['standard: JSON null as a value (7.5 #11)', { __ow_headers: typed('application/json'), __ow_body: null }, 'null'],
    [
      'standard: unregistered +json as a value',
      { __ow_headers: typed('application/hal+json'), __ow_body: 'AAAA' },
      '"AAAA"',
    ],
    [
      'standard: form, merged (7.5 #42)',
      { __ow_headers: typed('application/x-www-form-urlencoded'), a: 'b c', d: '&' },
      'a=b+c&d=%26',
    ],
    ['standard: multipart', { __ow_headers: typed('multipart/form-data; boundary=x'), __ow_body: base64 }, bytes],
    ['standard: image (7.5 #64)', { __ow_headers: typed('image/png'), __ow_body: base64 }, bytes],
    ['standard: no type', { __ow_body: base64 }, bytes],
    ['standard: registered text (7.5 #49)', { __ow_headers: typed('text/html'), __ow_body: '1,2,3' }, '1,2,3'],
    ['standard: text that looks like base64', { __ow_headers: typed('text/plain'), __ow_body: 'AAAA' }, 'AAAA'],
    [
      'standard: unregistered without charset',
      { __ow_headers: typed('application/x-ndjson'), __ow_body: base64 },
      bytes,
    ],
    [
      'standard: unregistered with charset',
      { __ow_headers: typed('text/x-y; charset=utf-8'), __ow_body: 'AAAA' },
      'AAAA',
    ],
    [
      'standard: JSON type with a parameter is text',
      { __ow_headers: typed('application/json; v=1'), __ow_body: '{"a" :1}' },
      '{"a" :1}',
    ],
    ['standard: empty body with a type', { __ow_headers: typed('image/png'), __ow_body: '' }, ''],
    ['raw: nothing at all (7.5 #59)', { __ow_query: '', __ow_body: '' }, ''],
    [
      'raw: application/json is base64 (7.5 #58)',
      { __ow_query: '', __ow_headers: typed('application/json'), __ow_body: base64 },
      bytes,
    ],
    [
      'raw: application/json with charset is base64',
      { __ow_query: '', __ow_headers: typed('application/json; charset=utf-8'), __ow_body: base64 },
      bytes,
    ],
    [
      'raw: registered +json is text',
      { __ow_query: '', __ow_headers: typed('application/problem+json'), __ow_body: '{"a" :1}' },
      '{"a" :1}',
    ],
    [
      'raw: unregistered +json is base64',
      { __ow_query: '', __ow_headers: typed('application/hal+json'), __ow_body: base64 },
      bytes,
    ],
    [
      'raw: unregistered +json with charset is text',
      { __ow_query: '', __ow_headers: typed('application/hal+json; charset=utf-8'), __ow_body: '{}' },
      '{}',
    ],
    [
      'raw: form is text',
      { __ow_query: '', __ow_headers: typed('application/x-www-form-urlencoded'), __ow_body: 'a=b+c&a=d' },
      'a=b+c&a=d',
    ],
    [
      'raw: multipart',
      { __ow_query: '', __ow_headers: typed('multipart/form-data; boundary=x'), __ow_body: base64 },
      bytes,
    ],
    ['raw: image', { __ow_query: '', __ow_headers: typed('image/jpeg'), __ow_body: base64 }, bytes],
    ['raw: text', { __ow_query: '', __ow_headers: typed('text/csv; charset=latin1'), __ow_body: 'ä;b' }, 'ä;b'],
  ])('%s', (_title, value, body) => {
    expect(Buffer.from(build(value).body)).toEqual(Buffer.from(body));
  });
});

describe('numbers keep every digit that the platform sent', () => {
  const big = '[12345678901234567890,1.0,{"a":1e400}]';
  test.each([
    [
      'a merged body',
      `"__ow_headers":{"content-type":"application/json"},"b":${big},"a":-0.0`,
      '',
      `{"b":${big},"a":-0.0}`,
    ],
    ['a body that is an array', `"__ow_headers":{"content-type":"application/json"},"__ow_body":${big}`, '', big],
    ['a body that is a number', '"__ow_headers":{"content-type":"application/json"},"__ow_body":1.10', '', '1.10'],
    [
      'declared parameters',
      `"__ow_path":"","__ow_headers":{"content-type":"application/json"},"threshold":1.0`,
      'threshold=1.0',
      '{}',
    ],
    [
      "an action's parameters beside a form",
      '"__ow_headers":{"content-type":"application/x-www-form-urlencoded"},"a":1.0',
      '',
      'a=1.0',
    ],
    [
      "an action's parameters beside a body",
      `"__ow_headers":{"content-type":"text/plain"},"__ow_body":"x","a":1.0`,
      'a=1.0',
      'x',
    ],
  ])('in %s', (_title, members, query, body) => {
    const value = `{"__ow_method":"post","__ow_path":"/x",${members}}`;
    const activation = readActivation([Buffer.from(`{"value":${value},"deadline":"1"}`)]);
    const request = webRequest(activation, row, limits);
    expect([request.query, Buffer.from(request.body).toString()]).toEqual([query, body]);
  });
});

describe('the query', () => {
  test.each<[title: string, value: Record<string, unknown>, query: string, body?: string]>([
    ['7.5 #9: standard, merged parameters of a GET', { __ow_method: 'get', a: 'b', c: 'd e' }, 'a=b&c=d+e'],
    [
      'standard, beside a body that was left whole',
      { __ow_headers: typed('image/png'), __ow_body: base64, threshold: '0.5' },
      'threshold=0.5',
    ],
    [
      'standard, a type on a method without body',
      { __ow_method: 'get', __ow_headers: typed('application/json'), a: 'b' },
      'a=b',
      '',
    ],
    [
      '7.5 #12: body and query are one, the body has won',
      { __ow_headers: typed('application/json'), a: 'c' },
      '',
      '{"a":"c"}',
    ],
    [
      'declared parameters go back into the query on predict',
      { __ow_path: '', __ow_headers: typed('application/json'), a: 1, threshold: '0.5' },
      'threshold=0.5',
      '{"a":1}',
    ],
    [
      'declared parameters stay in the body elsewhere',
      { __ow_headers: typed('application/json'), threshold: '0.5' },
      '',
      '{"threshold":"0.5"}',
    ],
    ['7.5 #58: raw, verbatim', { __ow_query: 'a=b+c&a=%zz&&x', __ow_body: '' }, 'a=b+c&a=%zz&&x'],
    ['raw, parameters bound to the action stay out of it', { __ow_query: 'a=b', __ow_body: '', bound: 1 }, 'a=b'],
    [
      'raw, nothing that could end the request line',
      { __ow_query: 'a=b c\r\nX: y#z', __ow_body: '' },
      'a=b%20c%0D%0AX:%20y%23z',
    ],
  ])('%s', (_title, value, query, body) => {
    const request = build(value);
    const sent = Buffer.from(request.body).toString();
    expect([request.query, sent]).toEqual([query, body ?? sent]);
  });
});

describe('method and path', () => {
  test.each([
    ['the action itself, with the method of predict', 'post', '', 'POST', '/model/predict'],
    ['7.5 #10: a trailing slash', 'post', '/', 'POST', '/model/predict'],
    ['the action itself, with another method', 'get', '', 'GET', '/'],
    ['a trailing slash, with another method', 'get', '/', 'GET', '/'],
    ['7.5 #21: the unmatched rest', 'get', '/model/labels', 'GET', '/model/labels'],
    ['percent-encoding as it came', 'get', '/a%2Fb%20c', 'GET', '/a%2Fb%20c'],
    ['nothing that could end the request line', 'get', '/a b\r\nX: y?z#', 'GET', '/a%20b%0D%0AX:%20y%3Fz%23'],
    ['7.5 #55: HEAD', 'head', '/model/metadata', 'HEAD', '/model/metadata'],
    ['7.5 #51: OPTIONS', 'options', '/model/predict', 'OPTIONS', '/model/predict'],
  ])('%s', (_title, method, path, expectedMethod, expectedPath) => {
    const request = build({ __ow_method: method, __ow_path: path });
    expect([request.method, request.path]).toEqual([expectedMethod, expectedPath]);
  });

  test('7.5 #2: knows web actions by __ow_method', () => {
    expect([isWebAction({ __ow_method: 'get' }), isWebAction({ image_url: 'x' })]).toEqual([true, false]);
  });
});

describe('headers', () => {
  test('keep the end-to-end headers, with their names and values', () => {
    const headers = {
      'content-type': 'image/PNG; a=B',
      cookie: 'a=1',
      'x-custom': 'b',
      accept: '*/*',
      authorization: 'Bearer x',
    };
    expect(build({ __ow_headers: headers }).headers).toEqual(Object.entries(headers));
  });

  test.each([
    'host',
    'connection',
    'keep-alive',
    'content-length',
    'transfer-encoding',
    'expect',
    'accept-encoding',
    'te',
    'trailer',
    'upgrade',
    'proxy-authorization',
    'x-require-whisk-auth',
    'x-openwhisk-activation-id',
  ])('drop %s', (name) => {
    expect(build({ __ow_headers: { [name]: 'x' } }).headers).toEqual([]);
  });

  test('drop the headers that Connection names', () => {
    expect(build({ __ow_headers: { connection: 'close, X-Hop', 'x-hop': '1', 'x-end': '2' } }).headers).toEqual([
      ['x-end', '2'],
    ]);
  });

  test('drop a whisk key: authorization if __ow_user says that it was one', () => {
    expect(build({ __ow_user: 'guest', __ow_headers: { authorization: 'Basic x' } }).headers).toEqual([]);
  });

  test('name the activation', () => {
    const request = build({}, { activation_id: 'abc', action_name: '/guest/digits' });
    expect(headerValue(request.headers, 'x-openwhisk-activation-id')).toBe('abc');
    expect(headerValue(request.headers, 'x-openwhisk-action-name')).toBe('/guest/digits');
  });

  test.each(['❄', 'Zoë', 'Zoë ❄'])('carry %s as the UTF-8 bytes that it was', (text) => {
    const [[, value] = ['', '']] = build({ __ow_headers: { 'x-name': text } }).headers;
    expect(Buffer.from(value, 'latin1').toString()).toBe(text);
  });
});

describe('malformed parameters are refused with the reason', () => {
  test.each([
    [{ __ow_headers: { 'x-a': 'b\r\nx-c: d' } }, /header x-a is "b\\r\\nx-c: d"/],
    [{ __ow_headers: { 'x a': 'b' } }, /header "x a"/],
    [{ __ow_headers: { a: 1 } }, /header "a" is 1/],
    [{ __ow_headers: [] }, /__ow_headers is \[\]/],
    [{ __ow_path: 'x' }, /__ow_path is "x"/],
    [{ __ow_path: 1 }, /__ow_path is 1/],
    [{ __ow_method: 'GET / HTTP' }, /__ow_method is "GET \/ HTTP"/],
  ])('%j', (value, message) => {
    expect(() => build(value)).toThrow(message);
  });

  test('keeps a parameter called __proto__ a plain member of the body', () => {
    const value = JSON.parse(
      '{"__ow_headers":{"content-type":"application/json"},"__proto__":{"admin":true}}',
    ) as Record<string, unknown>;
    const merged = Object.defineProperty({ ...value, __ow_method: 'post', __ow_path: '/x' }, '__proto__', {
      value: { admin: true },
      enumerable: true,
    });
    const request = webRequest({ value: merged, context: {}, deadline: 0 }, row, limits);
    expect(Buffer.from(request.body).toString()).toBe('{"__proto__":{"admin":true}}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('bytes that the controller decoded as text are refused, with what to add', () => {
  const damaged = '\uFFFDPNG\r\n\x1a\n\0';
  const form = typed('application/x-www-form-urlencoded');
  test.each<[string, Record<string, unknown>]>([
    ["raw, under curl's own type", { __ow_query: '', __ow_headers: form, __ow_body: damaged }],
    ['raw, under a text type', { __ow_query: '', __ow_headers: typed('text/plain'), __ow_body: damaged }],
    ['raw, under JSON of another name', { __ow_query: '', __ow_headers: typed('text/xml'), __ow_body: damaged }],
    [
      'raw, under a text type that says UTF-8, which has no control characters',
      { __ow_query: '', __ow_headers: typed('text/plain; charset=utf-8'), __ow_body: damaged },
    ],
    ["standard, under curl's own type, as a name", { __ow_headers: form, [damaged]: '' }],
    ["standard, under curl's own type, as a value", { __ow_headers: form, RIFF: damaged }],
    ['standard, under a text type', { __ow_headers: typed('text/plain'), __ow_body: damaged }],
  ])('%s', (_title, value) => {
    expect(() => build(value)).toThrow(
      expect.objectContaining({
        status: 415,
        message: 'OpenWhisk made text of a body that is no UTF-8, and lost bytes of it',
        hint: expect.stringContaining("-H 'Content-Type: ") as string,
      }) as Error,
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['text that says UTF-8', { __ow_headers: typed('text/plain; charset=utf-8'), __ow_body: 'a\uFFFD' }, 'a\uFFFD'],
    [
      'a form that says UTF-8',
      { __ow_headers: typed('application/x-www-form-urlencoded; charset=utf-8'), a: '\uFFFD' },
      'a=%EF%BF%BD',
    ],
    ['JSON', { __ow_headers: typed('application/json'), a: '\uFFFD' }, '{"a":"\uFFFD"}'],
  ])('but U+FFFD may be a character of %s', (_title, value, body) => {
    expect(build(value).body.toString()).toBe(body);
  });
});
