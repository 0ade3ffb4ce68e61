import { describe, expect, test } from 'vitest';
import type { Header } from '../../../adapter/http/message.ts';
import { outerAddress } from '../../../adapter/http/outer-address.ts';
import { atOuterAddress } from '../../../adapter/model/outer-address.ts';
import { requestHeaders } from '../../../adapter/model/request-headers.ts';
import { requestOf } from '../../contract/suite.ts';

const outer = outerAddress('https', 'api.example.com', '/api/v1/web/guest/default/digits');
const root = 'https://api.example.com/api/v1/web/guest/default/digits';
const path = '/api/v1/web/guest/default/digits';

function rewritten(name: string, value: string, more: { port?: number; headers?: Header[]; prefix?: string } = {}) {
  const { port = 5000, headers = [], prefix } = more;
  const address = prefix === undefined ? outer : outerAddress('https', 'api.example.com', prefix);
  const response = { status: 302, headers: [[name, value]] as Header[], body: Buffer.alloc(0) };
  return atOuterAddress(response, { ...requestOf({ headers }), outer: address }, port).headers[0]?.[1];
}

describe('a URL of the model server itself becomes that of its callers', () => {
  test.each([
    ['Location', 'http://127.0.0.1:5000/docs/', `${root}/docs/`],
    ['location', 'http://localhost:5000/docs/?a=1#b', `${root}/docs/?a=1#b`],
    ['Location', 'HTTP://LOCALHOST:5000', `${root}/`],
    ['Location', 'https://[::1]:5000/x', `${root}/x`],
    ['Location', '//0.0.0.0:5000/x', `${root}/x`],
    ['Location', '/docs/', `${path}/docs/`],
    ['Location', '/', `${path}/`],
    ['Location', 'http://api.example.com/docs/', `${root}/docs/`],
    ['Location', `http://api.example.com${path}/docs/`, `${root}/docs/`],
    ['Location', `${path}/docs/`, `${path}/docs/`],
    ['Location', `${path}?a`, `${path}?a`],
    ['Location', `${path}-other/`, `${path}${path}-other/`],
    ['Content-Location', '/items/1', `${path}/items/1`],
    ['Refresh', '5; url=http://127.0.0.1:5000/next', `5; url=${root}/next`],
    ['Refresh', '0;URL="/next"', `0;URL="${path}/next"`],
    ['Refresh', '5', '5'],
    ['Link', '</a>; rel=next, <https://x.example/>; rel=me', `<${path}/a>; rel=next, <https://x.example/>; rel=me`],
    ['Set-Cookie', 'a=1; Path=/model; HttpOnly', `a=1; Path=${path}/model; HttpOnly`],
    ['Set-Cookie', 'a=1; Domain=localhost; Path=/', 'a=1; Path=/'],
  ])('%s: %s', (name, value, expected) => {
    expect(rewritten(name, value)).toBe(expected);
  });

  test('is known by the Host that the server was called with', () => {
    expect(rewritten('Location', 'http://model.example/x', { headers: [['Host', 'model.example']] })).toBe(`${root}/x`);
  });

  test('keeps its path without a prefix', () => {
    expect(rewritten('Location', '/docs/', { prefix: '' })).toBe('/docs/');
    expect(rewritten('Location', 'http://127.0.0.1:5000/docs/', { prefix: '' })).toBe('https://api.example.com/docs/');
  });
});

describe('any other URL stays', () => {
  test.each([
    ['Location', 'http://127.0.0.1:5001/docs/'],
    ['Location', 'http://127.0.0.1/docs/'],
    ['Location', 'https://example.com/docs/'],
    ['Location', 'https://example.com/?next=http://127.0.0.1:5000/'],
    ['Location', 'http://127.0.0.1:5000@example.com/'],
    ['Location', '//example.com/'],
    ['Location', '/\\example.com/'],
    ['Location', 'docs/'],
    ['Location', '?page=2'],
    ['Location', ''],
    ['Refresh', '5; url=https://example.com/'],
    ['X-Other', 'http://127.0.0.1:5000/'],
  ])('%s: %s', (name, value) => {
    expect(rewritten(name, value)).toBe(value);
  });

  test('if the platform does not know its outer address', () => {
    const response = { status: 302, headers: [['Location', '/docs/']] as Header[], body: Buffer.alloc(0) };
    expect(atOuterAddress(response, requestOf({}), 5000)).toBe(response);
  });
});

describe('the outer address in the headers of a request', () => {
  const forged: Header[] = [
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'gopher'],
    ['x-forwarded-prefix', '/evil'],
    ['Forwarded', 'host=evil.example'],
    ['X-Forwarded-For', '1.2.3.4'],
  ];

  test('replaces the caller’s headers', () => {
    const lines = requestHeaders({ ...requestOf({ headers: forged }), outer }, '127.0.0.1:5000');
    expect(lines).toEqual([
      'Host',
      '127.0.0.1:5000',
      'X-Forwarded-For',
      '1.2.3.4',
      'X-Forwarded-Host',
      'api.example.com',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Prefix',
      path,
    ]);
  });

  test('is taken from the caller if the platform does not know it', () => {
    expect(requestHeaders(requestOf({ headers: forged }), 'x')).toEqual(expect.arrayContaining(forged.flat()));
  });
});

describe('an address that no URL can have', () => {
  test.each(['', 'a b', 'a/b', 'a@b', 'a\r\nb', 'a:port', '[::1', 'a?b'])('host %j', (host) => {
    expect(outerAddress('https', host, '')).toBeUndefined();
  });

  test.each(['//evil.example', 'x', '/a b', '/a?b', '/a#b', '/a"b'])('prefix %j', (prefix) => {
    expect(outerAddress('https', 'a.example', prefix)).toBeUndefined();
  });
});
