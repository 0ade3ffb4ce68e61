import { describe, expect, test } from 'vitest';
import type { Header, WholeResponse } from '../../../../adapter/http/message.ts';
import { readEvent } from '../../../../adapter/platforms/lambda/event.ts';
import type { HttpEvent } from '../../../../adapter/platforms/lambda/http-event.ts';
import {
  httpReply,
  maximumReply,
  serializeHttpReply,
  streamedReply,
} from '../../../../adapter/platforms/lambda/response.ts';
import { fixture, type FixtureName } from './fixtures.ts';

function event(name: FixtureName): HttpEvent {
  return readEvent(Buffer.from(JSON.stringify(fixture(name)))) as HttpEvent;
}

function response(headers: Header[], body: string | Buffer = '', status = 200): WholeResponse {
  return { status, headers, body: Buffer.from(body) };
}

const bytes = Buffer.from([0, 0x80, 0xff]);

describe('a body is text if its type says so and its bytes are UTF-8, else base64', () => {
  test.each<[string, string | Buffer, boolean, Header[]?]>([
    ['text/plain', 'é', false],
    ['text/plain', bytes, true],
    ['TEXT/Plain; charset=iso-8859-1', Buffer.from('é', 'latin1'), true],
    ['application/json', '{"a":1}', false],
    ['application/geo+json', '{}', false],
    ['image/svg+xml', '<svg/>', false],
    ['application/x-ndjson', '{}\n', false],
    ['application/javascript', '1', false],
    ['image/png', 'text', true],
    ['application/octet-stream', 'text', true],
    ['no type at all', 'text', true],
    ['text/plain', 'text', true, [['Content-Encoding', 'gzip']]],
    ['text/plain', 'text', false, [['content-encoding', 'identity']]],
  ])('%s, %j: base64 %s', (contentType, body, isBase64Encoded, more = []) => {
    const reply = httpReply(event('http-api'), response([['Content-Type', contentType], ...more], body), 'GET');
    expect(reply).toMatchObject({
      isBase64Encoded,
      body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8'),
    });
  });

  test('without a type it is bytes, so that no service treats it as JSON', () => {
    expect(httpReply(event('http-api'), response([], 'text'), 'GET')).toMatchObject({
      headers: { 'content-type': 'application/octet-stream' },
      body: 'dGV4dA==',
    });
  });
});

describe('each service gets headers in its own form', () => {
  const headers: Header[] = [
    ['Content-Type', 'text/plain'],
    ['X-Tag', 'one'],
    ['x-tag', 'two'],
    ['Set-Cookie', 'a=1, 2'],
    ['Set-Cookie', 'b=2'],
    ['Set-Cookie', 'c=3'],
    ['Connection', 'keep-alive'],
    ['Content-Length', '2'],
  ];
  const content = { statusCode: 201, body: 'ok', isBase64Encoded: false };
  const all = { 'content-type': ['text/plain'], 'x-tag': ['one', 'two'], 'set-cookie': ['a=1, 2', 'b=2', 'c=3'] };

  test.each<[FixtureName, object]>([
    ['rest-api', { ...content, multiValueHeaders: all }],
    [
      'http-api',
      {
        ...content,
        headers: { 'content-type': 'text/plain', 'x-tag': 'one, two' },
        cookies: ['a=1, 2', 'b=2', 'c=3'],
      },
    ],
    ['load-balancer-multi-value', { ...content, statusDescription: '201 Created', multiValueHeaders: all }],
    [
      'load-balancer',
      {
        ...content,
        statusDescription: '201 Created',
        headers: {
          'content-type': 'text/plain',
          'x-tag': 'one, two',
          'set-cookie': 'a=1, 2',
          'Set-cookie': 'b=2',
          'sEt-cookie': 'c=3',
        },
      },
    ],
  ])('%s', (name, expected) => {
    expect(httpReply(event(name), response(headers, 'ok', 201), 'GET')).toEqual(expected);
  });

  test('a stream, as a prelude before the bytes', () => {
    const [prelude, separator, body] = streamedReply(response(headers, bytes, 201), 'GET').map((part) =>
      Buffer.from(part),
    );
    expect(JSON.parse(String(prelude))).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'text/plain', 'x-tag': 'one, two' },
      cookies: ['a=1, 2', 'b=2', 'c=3'],
    });
    expect([separator, body]).toEqual([Buffer.alloc(8), bytes]);
  });
});

describe('no body goes', () => {
  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('with a reply to %s of status %i', (method, status) => {
    const reply = response([['Content-Type', 'image/png']], 'stray', status);
    expect(httpReply(event('http-api'), reply, method)).toEqual({
      statusCode: status,
      headers: { 'content-type': 'image/png' },
      body: '',
      isBase64Encoded: false,
    });
  });
});

describe('a reply at the limit goes through, and one byte more is a 413 that names both sizes', () => {
  test.each<[FixtureName, number]>([
    ['http-api', maximumReply.bytes],
    ['rest-api', maximumReply.bytes],
    ['load-balancer', 1_048_576],
  ])('%s: %i bytes of JSON', (name, limit) => {
    const text: Header[] = [['content-type', 'text/plain']];
    const overhead = serializeHttpReply(event(name), response(text, ''), 'GET').length;
    const fits = serializeHttpReply(event(name), response(text, 'a'.repeat(limit - overhead)), 'GET');
    const refused = serializeHttpReply(event(name), response(text, 'a'.repeat(limit - overhead + 1)), 'GET');
    expect(fits.length).toBe(limit);
    const { statusCode, body } = JSON.parse(refused.toString()) as { statusCode: number; body: string };
    expect(statusCode).toBe(413);
    expect((JSON.parse(body) as { message: string }).message).toMatch(new RegExp(`${limit + 1} bytes .* ${limit}$`));
  });
});
