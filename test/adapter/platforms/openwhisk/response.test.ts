import { describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { maximumResult, serializeWebResult, webResult } from '../../../../adapter/platforms/openwhisk/response.ts';

function result(
  contentType: string | undefined,
  body: string | Buffer,
  status = 200,
  more: Header[] = [],
): ReturnType<typeof webResult> {
  const headers: Header[] = contentType === undefined ? more : [['Content-Type', contentType], ...more];
  return webResult({ status, headers, body: Buffer.from(body) }, 'GET', 'platform');
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const latin1 = Buffer.from('Gr\u00fc\u00dfe', 'latin1');

describe('the body is text or base64 by the rule of section 5.7', () => {
  test.each<[title: string, type: string | undefined, body: string | Buffer, expected: string, typeSent?: string]>([
    ['7.5 #28: JSON as it is, formatting and all', 'application/json', '{"a" : 1}\n', '{"a" : 1}\n'],
    ['7.5 #31: JSON object', 'application/json; charset=utf-8', '{}', '{}'],
    ['JSON scalar that looks like base64', 'application/json', 'true\n', base64('true\n')],
    ['JSON number that looks like base64', 'application/json', '1234', base64('1234')],
    ['JSON number that does not', 'application/json', '12345', '12345'],
    ['7.5 #32: registered +json', 'application/json-patch+json', '[{"op":"add"}]', '[{"op":"add"}]'],
    ['7.5 #33: registered +json that looks like base64', 'application/vnd.api+json', 'null', base64('null')],
    ['7.5 #34: unregistered +json is binary', 'application/hal+json', '{"a":1}', base64('{"a":1}')],
    ['unregistered +json with charset is text', 'application/hal+json; charset=utf-8', '{"a":1}', '{"a":1}'],
    ['JSON that is not UTF-8 keeps its bytes', 'application/json', Buffer.from([0x22, 0xfc, 0x22]), 'Ivwi'],
    [
      'JSON in another charset is transcoded',
      'application/json; charset=iso-8859-1',
      Buffer.from([0x22, 0xfc, 0x22]),
      '"ü"',
      'application/json; charset=utf-8',
    ],
    ['7.5 #35: image', 'image/png', Buffer.from([0x89, 0x50]), 'iVA='],
    ['svg is binary', 'image/svg+xml', '<svg/>', base64('<svg/>')],
    ['audio', 'audio/x-wav', 'RIFF', base64('RIFF')],
    ['unknown type', 'application/x-npy', 'x', base64('x')],
    ['unknown text type', 'text/javascript', 'x', base64('x')],
    ['7.5 #36: html', 'text/html', '<p>❄</p>', '<p>❄</p>'],
    ['html that is valid base64 stays text', 'text/html', 'AAAA', 'AAAA'],
    ['7.5 #37: invalid JSON with a JSON type', 'application/json', 'hello world', 'hello world'],
    ['a byte order mark stays', 'text/plain', '\ufeffa', '\ufeffa'],
    ['charset is transcoded', 'text/plain; charset=iso-8859-1', latin1, 'Grüße', 'text/plain; charset=utf-8'],
    [
      'charset utf-16 is transcoded',
      'text/plain; charset="utf-16le"; format=flowed',
      Buffer.from('ä', 'utf16le'),
      'ä',
      'text/plain; format=flowed; charset=utf-8',
    ],
    ['text that is not UTF-8 is read as windows-1252', 'text/plain', latin1, 'Grüße', 'text/plain; charset=utf-8'],
    ['a semicolon at the end of a type is left out', 'text/plain;', 'x', 'x', 'text/plain'],
    ['and behind a charset', 'text/html; charset=utf-8;', 'é', 'é', 'text/html; charset=utf-8'],
    ['and of JSON', 'application/json;', '{}', '{}', 'application/json'],
    ['and of a binary type', 'image/png; ', 'x', base64('x'), 'image/png'],
    [
      'a parameter without a value is left out',
      'text/plain; flowed; charset=utf-8',
      'é',
      'é',
      'text/plain; charset=utf-8',
    ],
    ['two types are the first', 'text/plain, text/html', 'x', 'x', 'text/plain'],
    [
      'of two charsets the first counts',
      'text/html; charset=utf-8; charset=latin1',
      'é',
      'é',
      'text/html; charset=utf-8; charset=latin1',
    ],
    ['7.5 #38: an invalid content type keeps its bytes', 'xyzbar', 'x', base64('x'), 'application/octet-stream'],
    ['7.5 #29: no content type keeps its bytes', undefined, 'x', base64('x'), 'application/octet-stream'],
  ])('%s', (_title, type, body, expected, typeSent = type) => {
    const sent = result(type, body);
    expect([String(sent.body), sent.headers['content-type']]).toEqual([expected, typeSent]);
  });
});

describe('status and headers', () => {
  test.each([
    ['7.5 #23: a redirect stays one', 302, [['Location', '/elsewhere']] as Header[], { location: '/elsewhere' }],
    ['7.5 #24: a status that nobody knows', 444, [], {}],
    ['7.5 #65: a server error', 503, [['Retry-After', '1']] as Header[], { 'retry-after': '1' }],
  ])('%s', (_title, status, headers, expected) => {
    expect(result(undefined, '', status, headers)).toEqual({ statusCode: status, headers: expected });
  });

  test.each([
    ['7.5 #26: an empty reply', 200, '', 'GET'],
    ['7.5 #30: 204', 204, '', 'GET'],
    ['304', 304, 'left over', 'GET'],
    ['7.5 #55: HEAD', 200, '', 'HEAD'],
  ])('%s has no body and no content type, and keeps its cookies', (_title, status, body, method) => {
    const headers: Header[] = [['content-type', 'text/html'], ['set-cookie', 'a=b']]; // prettier-ignore
    expect(webResult({ status, headers, body: Buffer.from(body) }, method, 'platform')).toEqual({
      statusCode: status,
      headers: { 'set-cookie': 'a=b' },
    });
  });

  test('7.5 #53: repeated headers become arrays, in order', () => {
    const { headers } = result('text/plain', 'x', 200, [['Set-Cookie', 'a=b'], ['X-Y', 'z'], ['set-cookie', 'c=d']]); // prettier-ignore
    expect(headers).toEqual({ 'content-type': 'text/plain', 'set-cookie': ['a=b', 'c=d'], 'x-y': 'z' });
  });

  test.each([
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Keep-Alive',
    'Date',
    'Server',
    'Content-Encoding',
    'Trailer',
    'Access-Control-Allow-Origin',
  ])('drops %s, which is the controller’s', (name) => {
    expect(result('text/plain', 'x', 200, [[name, 'x']]).headers).toEqual({ 'content-type': 'text/plain' });
  });

  test('7.5 #52: leaves CORS to the model server by setting', () => {
    const headers: Header[] = [['access-control-allow-origin', '*']];
    expect(webResult({ status: 204, headers, body: Buffer.alloc(0) }, 'OPTIONS', 'model').headers).toEqual({
      'access-control-allow-origin': '*',
    });
  });

  test('leaves the reply to OPTIONS to the model server: OPTIONS arrives only if the controller does not answer it', () => {
    const headers: Header[] = [['Access-Control-Allow-Origin', 'https://a']];
    expect(webResult({ status: 204, headers, body: Buffer.alloc(0) }, 'OPTIONS', 'platform').headers).toEqual({
      'access-control-allow-origin': 'https://a',
    });
  });

  test('keeps a header called __proto__ a header', () => {
    expect(Object.entries(result('text/plain', 'x', 200, [['__proto__', 'x']]).headers)).toContainEqual([
      '__proto__',
      'x',
    ]);
  });
});

describe('the size limit counts the JSON that is sent', () => {
  const overhead = Buffer.byteLength(JSON.stringify(result('text/plain', 'a'))) - 1;

  test('lets a result of exactly 1,048,576 bytes through', () => {
    const serialized = serializeWebResult(result('text/plain', 'a'.repeat(maximumResult.bytes - overhead)));
    expect(serialized.length).toBe(maximumResult.bytes);
  });

  test.each(['application/json', 'application/problem+json', 'application/hal+json; charset=utf-8'])(
    'sends %s that is full of quotes as base64, which is shorter',
    (type) => {
      const json = JSON.stringify(Array.from({ length: 180_000 }, () => 'a'));
      const { body, headers } = JSON.parse(serializeWebResult(result(type, json)).toString()) as Record<
        string,
        unknown
      >;
      expect(Buffer.from(String(body), 'base64').toString()).toBe(json);
      expect(headers).toEqual({ 'content-type': type });
    },
  );

  test('sends JSON that fits as text', () => {
    const json = JSON.stringify(Array.from({ length: 100_000 }, () => 'a'));
    expect(JSON.parse(serializeWebResult(result('application/json', json)).toString())).toMatchObject({ body: json });
  });

  test.each([
    ['one byte more', 'text/plain', 'a'.repeat(maximumResult.bytes - overhead + 1)],
    ['over only because of escapes', 'text/plain', '"'.repeat(600_000)],
    ['over only because of base64', 'image/png', 'a'.repeat(800_000)],
  ])('answers 413 that names both sizes and what to do: %s', (_title, type, body) => {
    const refusal = JSON.parse(serializeWebResult(result(type, body)).toString()) as {
      statusCode: number;
      body: string;
    };
    expect(refusal.statusCode).toBe(413);
    expect(JSON.parse(refusal.body)).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      message: expect.stringMatching(/takes \d{7} bytes .* limit of 1048576/) as string,
      hint: expect.stringContaining('smaller reply') as string,
    });
  });
});
