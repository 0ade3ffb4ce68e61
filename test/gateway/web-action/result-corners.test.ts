import { describe, expect, test } from 'vitest';
import { renderContentType } from '../../../gateway/http/media-type.ts';
import type { Json } from '../../../gateway/json/json.ts';
import { parseJson } from '../../../gateway/json/parse.ts';
import { prettyPrintJson } from '../../../gateway/json/print.ts';
import { resultReply } from '../../../gateway/web-action/response.ts';

/** `.http` reply to a result given as JSON. */
function reply(result: Json) {
  const { status, headers, entity } = resultReply('.http', result, 'id');
  const contentType = entity && renderContentType(entity.contentType);
  const bytes = entity?.kind === 'bytes' ? entity.bytes : Buffer.alloc(0);
  return { status, headers, contentType, text: bytes.toString('latin1') };
}

function errorOf(result: Json): [number, unknown] {
  const { status, text } = reply(result);
  return [status, (JSON.parse(text) as Record<string, unknown>)['error']];
}

const message = "Response is not valid 'message/http'.";
const mismatch = 'Response type in header did not match generated content type.';

describe('5.7 headers of a result', () => {
  test.each([[{ a: null }], [{ a: { b: 1 } }], [{ a: ['x', null] }], ['text'], [null], [['a']]])(
    '%j is 400',
    (headers) => {
      expect(errorOf({ headers, body: 'x' })).toEqual([400, message]);
    },
  );

  test('scalars are text, arrays become separate lines, also nested ones', () => {
    const headers = { a: 'x', b: true, c: 1, d: ['1', ['2', ['3']], false] };
    expect(reply({ headers }).headers).toEqual([
      ['a', 'x'],
      ['b', 'true'],
      ['c', '1'],
      ['d', '1'],
      ['d', '2'],
      ['d', '3'],
      ['d', 'false'],
    ]);
  });

  test('those of the connection and the entity are dropped', () => {
    const dropped = ['Content-Type', 'Content-Length', 'Transfer-Encoding', 'Date', 'Server', 'Connection'];
    const headers = { ...Object.fromEntries(dropped.map((name) => [name, 'text/plain'])), ETag: '"1"' };
    expect(reply({ headers, body: 'x' }).headers).toEqual([['ETag', '"1"']]);
  });
});

describe('5.7 content types of a string', () => {
  test.each([
    [undefined, 'text/html; charset=UTF-8'],
    ['TEXT/Plain', 'text/plain; charset=UTF-8'],
    ['text/plain; charset=iso-8859-1', 'text/plain; charset=UTF-8'],
    ['application/json; charset=utf-16', 'application/json'],
    ['text/event-stream', 'text/event-stream'],
    ['application/x-ndjson; charset=us-ascii', 'application/x-ndjson; charset=UTF-8'],
    ['text/csv; header=present', 'text/csv; header=present; charset=UTF-8'],
  ])('%s becomes %s, the text unchanged', (given, shown) => {
    const headers = given === undefined ? {} : { 'content-type': given };
    const { status, contentType, text } = reply({ headers, body: 'naïve ' });
    expect([status, contentType, text]).toEqual([200, shown, Buffer.from('naïve ').toString('latin1')]);
  });
});

describe('5.7 base64 of binary types, by java.util.Base64', () => {
  test.each([
    ['AQID', '\x01\x02\x03'],
    ['AQI=', '\x01\x02'],
    ['AQI', '\x01\x02'],
    ['AQ==', '\x01'],
    ['AQ', '\x01'],
    ['AR==', '\x01'],
  ])('%s is decoded', (body, bytes) => {
    expect(reply({ headers: { 'content-type': 'image/png' }, body }).text).toBe(bytes);
  });

  test.each(['A', 'AQ=', 'AQID=', 'AQID====', 'AQ==AQ==', 'AQID\n', 'AQ ID', 'AQ-_', 'é', '='])('%j is 400', (body) => {
    expect(errorOf({ headers: { 'content-type': 'image/png' }, body })).toEqual([400, mismatch]);
  });

  test.each(['image/svg+xml', 'text/javascript', 'application/hal+json', 'application/octet-stream'])(
    '%s must be base64',
    (type) => {
      expect(errorOf({ headers: { 'content-type': type }, body: '<svg/>' })).toEqual([400, mismatch]);
      expect(reply({ headers: { 'content-type': type }, body: 'AQID' }).text).toBe('\x01\x02\x03');
    },
  );
});

describe('5.7 the trap of JSON that could be base64', () => {
  test.each([
    ['true', '\xb6\xbb\x9e'],
    ['null', '\x9e\xe9\x65'],
    ['1234', '\xd7\x6d\xf8'],
    ['dHJ1ZQ==', 'true'],
  ])('%s is decoded', (body, text) => {
    expect(reply({ headers: { 'content-type': 'application/json' }, body }).text).toBe(text);
  });

  test.each(['true\n', ' null'])('%j looks like base64 but is invalid: 400', (body) => {
    expect(errorOf({ headers: { 'content-type': 'application/json' }, body })).toEqual([400, mismatch]);
  });

  test.each(['false', '12', '{"a":1}\n', '[1]', '"true"'])('%j is sent unchanged', (body) => {
    expect(reply({ headers: { 'content-type': 'application/json' }, body }).text).toBe(body);
  });
});

describe('5.7 JSON values as bodies', () => {
  test.each(['text/html', 'application/json; v=1', 'image/png', 'xyzbar'])('%s is 400', (type) => {
    expect(errorOf({ headers: { 'content-type': type }, body: { a: 1 } })).toEqual([400, mismatch]);
  });

  test.each([
    ['{"b":1,"a":[1,{"c":null}]}', '{\n  "a": [1, {\n    "c": null\n  }],\n  "b": 1\n}'],
    ['{}', '{\n\n}'],
    ['[]', '[]'],
    [
      '[1.50, 1e3, 1.2e-5, 1.2e-7, -0, 0.00, 12345678901234567890]',
      '[1.50, 1E+3, 0.000012, 1.2E-7, 0, 0.00, 12345678901234567890]',
    ],
    ['"\\u00e9\\/\\u0001"', '"é/\\u0001"'],
  ])('%s is printed as spray-json does', (text, printed) => {
    expect(prettyPrintJson(parseJson(text))).toBe(printed);
  });

  test.each([false, 0])('%j is a body', (body) => {
    expect(reply({ body })).toMatchObject({ status: 200, contentType: 'application/json', text: String(body) });
  });
});
