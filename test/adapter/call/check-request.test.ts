import { expect, test } from 'vitest';
import { checkRequest } from '../../../adapter/call/check-request.ts';
import { requestOf } from '../../contract/suite.ts';

test.each([
  ['CONNECT', { method: 'CONNECT' }, /^the method is CONNECT; it opens a tunnel/],
  ['a method that is not a name', { method: 'GET /' }, /^the method is "GET \/"; expected a name/],
  ['a method with a line end', { method: 'GET\r\nX:' }, /^the method is "GET\\r\\nX:"/],
  ['an empty method', { method: '' }, /^the method is ""/],
  ['a path with a space', { path: '/a b' }, /^the request target is "\/a b\?"/],
  ['a path with a line end', { path: '/a\r\nX: y' }, /^the request target is/],
  ['a query with a line end', { query: 'a\n' }, /^the request target is "\/\?a\\n"/],
  ['a header name with a space', { headers: [['a b', 'c']] as const }, /^a header is named "a b"/],
  ['an empty header name', { headers: [['', 'c']] as const }, /^a header is named ""/],
  [
    'a header with a line end',
    { headers: [['content-type', 'a/b\r\nx: y']] as const },
    /^header content-type is "a\/b\\r\\nx: y"/,
  ],
  ['a header beyond Latin-1', { headers: [['x', '数']] as const }, /^header x is "数"; control characters/],
  [
    'two Host headers',
    {
      headers: [
        ['Host', 'a'],
        ['host', 'a'],
      ] as const,
    },
    /^the request has 2 Host headers; expected one$/,
  ],
])('%s is refused with 400', (_, part, message) => {
  expect(() => checkRequest(requestOf(part))).toThrow(message);
  expect(() => checkRequest(requestOf(part))).toThrow(expect.objectContaining({ status: 400, code: 'HTTP_REQUEST' }));
});

test.each([
  ['PROPFIND', { method: 'PROPFIND' }],
  ['M-SEARCH', { method: 'M-SEARCH' }],
  ['bytes above ASCII', { path: '/\xe9', headers: [['x-name', 'caf\xe9\t!']] as const }],
  ['a header without a value', { headers: [['x', '']] as const }],
])('%s passes', (_, part) => {
  expect(() => checkRequest(requestOf(part))).not.toThrow();
});
