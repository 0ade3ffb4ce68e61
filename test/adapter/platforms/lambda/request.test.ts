import { describe, expect, test } from 'vitest';
import { headerValue } from '../../../../adapter/http/headers.ts';
import { readEvent } from '../../../../adapter/platforms/lambda/event.ts';
import type { HttpEvent } from '../../../../adapter/platforms/lambda/http-event.ts';
import { contextHeaders } from '../../../../adapter/platforms/lambda/context-headers.ts';
import { httpRequest } from '../../../../adapter/platforms/lambda/request.ts';
import { png } from '../../../contract/bodies.ts';
import { fileRow, fixture, type FixtureName } from './fixtures.ts';

const invocation = { id: '8476a536', deadline: undefined, traceId: 'Root=1-2;Sampled=1', event: Buffer.alloc(0) };
const limits = { signal: new AbortController().signal, deadline: 0 };

function build(event: Record<string, unknown>, basePath?: string): ReturnType<typeof httpRequest> {
  return httpRequest(
    readEvent(Buffer.from(JSON.stringify(event))) as HttpEvent,
    contextHeaders(invocation),
    fileRow,
    limits,
    basePath,
  );
}

describe('httpRequest reads method, path, query and body of', () => {
  test.each<[FixtureName, string, Buffer]>([
    ['rest-api', 'POST /model/predict?threshold=0.5&tag=a%26b&tag=b%20c', png],
    ['rest-api-console-test', 'GET /model/metadata?', Buffer.alloc(0)],
    ['http-api', 'POST /model/predict?tag=value1&tag=value2&threshold=0.5', png],
    ['function-url', 'POST /model/predict?threshold=0.5', Buffer.from('{"text": "é"}')],
    ['http-api-payload-1', 'GET /predict?tag=a%26b&tag=b%20c', Buffer.alloc(0)],
    ['lattice-1', 'POST /model/predict?tag=b%20c', Buffer.from('89504e470d0a1a0a00ff', 'hex')],
    ['lattice-2', 'GET /model/metadata?tag=a%26b&tag=b%20c', Buffer.alloc(0)],
    ['load-balancer', 'GET /lambda?query=1234ABCD&name=a%20b', Buffer.alloc(0)],
    ['load-balancer-multi-value', 'GET /lambda?myKey=val1&myKey=val2&name=a+b', Buffer.alloc(0)],
  ])('%s', (name, line, body) => {
    const request = build(fixture(name));
    expect(`${request.method} ${request.path}?${request.query}`).toBe(line);
    expect(Buffer.compare(request.body, body)).toBe(0);
  });
});

describe('httpRequest reads the headers of', () => {
  test.each<[FixtureName, string, string[]]>([
    ['rest-api', 'header2', ['value1', 'value2']],
    ['rest-api', 'cookie', ['session=abc']],
    ['http-api', 'header1', ['value1,value2']],
    ['http-api', 'cookie', ['cookie1=value1; cookie2=value2']],
    ['http-api', 'host', ['r3pmxmplak.execute-api.us-east-2.amazonaws.com']],
    ['lattice-2', 'accept', ['text/html', 'application/json']],
    ['load-balancer', 'cookie', ['name1=value1']],
    ['load-balancer-multi-value', 'cookie', ['name1=value1', 'name2=value2']],
    ['http-api', 'content-length', []],
    // The trace continues from the function, not from the front end.
    ['http-api', 'x-amzn-trace-id', ['Root=1-2;Sampled=1']],
    ['http-api', 'x-amzn-requestid', ['8476a536']],
  ])('%s: %s', (name, header, values) => {
    const { headers } = build(fixture(name));
    expect(headers.filter(([each]) => each.toLowerCase() === header).map(([, value]) => value)).toEqual(values);
  });

  test('a caller who claims to be Lambda, whose claim is dropped', () => {
    const event = fixture('http-api');
    const { headers } = build({ ...event, headers: { 'x-amzn-requestid': 'forged', 'x-amzn-trace-id': 'forged' } });
    expect(headerValue(headers, 'x-amzn-requestid')).toBe('8476a536');
    expect(JSON.stringify(headers)).not.toContain('forged');
  });
});

describe('the path of an HTTP API', () => {
  test.each([
    ['/prod', 'prod', '/model/predict'],
    ['/prod/', 'prod', '/model/predict'],
    ['/prod/x', 'prod', '/x'],
    ['/production/x', 'prod', '/production/x'],
    ['/prod/x', '$default', '/prod/x'],
    ['/prod/a b?c#é', 'prod', '/a%20b%3Fc%23%C3%A9'],
  ])('%s in the stage %s is %s', (rawPath, stage, path) => {
    const requestContext = { http: { method: 'POST' }, stage };
    expect(build({ ...fixture('http-api'), rawPath, requestContext }).path).toBe(path);
  });
});

describe('the path of an HTTP API with payload 1.0', () => {
  test.each([
    ['/dev', 'dev', '/model/predict'],
    ['/dev/', 'dev', '/model/predict'],
    ['/dev/predict', 'dev', '/predict'],
    ['/development/x', 'dev', '/development/x'],
    ['/dev/x', '$default', '/dev/x'],
  ])('%s in the stage %s is %s', (path, stage, expected) => {
    const event = { ...fixture('http-api-payload-1'), httpMethod: 'POST', path, requestContext: { stage } };
    expect(build(event).path).toBe(expected);
  });

  test('stays unchanged in a REST API, whose paths have no stage', () => {
    const { version: _, ...event } = fixture('http-api-payload-1');
    expect(build(event).path).toBe('/dev/predict');
  });
});

describe.each<FixtureName>(['rest-api', 'http-api', 'load-balancer', 'lattice-2'])(
  'a body that %s made text of',
  (name) => {
    const image = '\uFFFDPNG\r\n\x1a\n\0\0';
    const asText = (body: string, headers: Record<string, string>) =>
      build({ ...fixture(name), body, isBase64Encoded: false, headers, multiValueHeaders: undefined });

    test.each([
      ['without a type', image, {}],
      ["under curl's own type", image, { 'content-type': 'application/x-www-form-urlencoded' }],
      ['under a text type', image, { 'content-type': 'text/plain' }],
      [
        'under a text type that says UTF-8, which has no control characters',
        image,
        { 'content-type': 'text/plain; charset=utf-8' },
      ],
      ['under a type of its own', image, { 'content-type': 'image/png' }],
      ['whose length was another', 'a\uFFFD', { 'content-type': 'application/json', 'content-length': '2' }],
    ])('and that was none, %s, is refused with what to do', (_title, body, headers) => {
      expect(() => asText(body, headers)).toThrow(
        expect.objectContaining({ status: 415, hint: expect.stringContaining('Content-Type') as string }) as Error,
      );
    });

    test.each([
      ['in JSON', '{"a":"\uFFFD"}', { 'content-type': 'application/json' }],
      ['in UTF-8 by its type', 'a\uFFFD', { 'content-type': 'text/plain; charset=utf-8' }],
      ['of the length that the caller stated', 'a\uFFFD', { 'content-type': 'text/plain', 'content-length': '4' }],
    ])('and that may hold U+FFFD passes: %s', (_title, body, headers) => {
      expect(asText(body, headers).body.toString()).toBe(body);
    });
  },
);

// A REST API's path contains the base path of a custom domain, a load balancer's the path of its rule.
describe.each<FixtureName>(['rest-api', 'load-balancer'])('the base path of a %s', (name) => {
  test.each([
    ['/digits/model/labels', '/digits', '/model/labels'],
    ['/digits', '/digits', '/model/predict'],
    ['/a/b/x', '/a/b', '/x'],
    ['/digitsx/y', '/digits', '/digitsx/y'],
    ['/other/x', '/digits', '/other/x'],
    ['/digits/x', '', '/digits/x'],
  ])('%s under the base path "%s" is %s', (path, basePath, expected) => {
    expect(build({ ...fixture(name), httpMethod: 'POST', path }, basePath).path).toBe(expected);
  });
});

describe('httpRequest refuses', () => {
  test.each([
    ['an invalid method', { httpMethod: 'GET / HTTP/1.1' }, /HTTP method is "GET \/ HTTP\/1\.1"/],
    ['an invalid path', { path: 'x' }, /path is "x"; expected it to start with "\/"/],
    ['a header that smuggles another', { multiValueHeaders: { a: ['b\r\nc: d'] } }, /control characters/],
    ['a header with an invalid name', { multiValueHeaders: { 'a b': ['c'] } }, /expected a name and a text/],
  ])('%s', (_title, change, message) => {
    expect(() => build({ ...fixture('rest-api'), ...change })).toThrow(message);
  });
});

test('a lone surrogate in a query, which JSON allows, does not fail', () => {
  const event = { ...fixture('rest-api'), multiValueQueryStringParameters: { a: ['\uD800'] } };
  expect(build(event).query).toBe('a=%EF%BF%BD');
});
