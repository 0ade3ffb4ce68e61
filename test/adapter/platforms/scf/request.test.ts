import { describe, expect, test } from 'vitest';
import type { HttpEvent } from '../../../../adapter/platforms/scf/event.ts';
import { httpRequest } from '../../../../adapter/platforms/scf/request.ts';
import { fileRow } from '../lambda/fixtures.ts';

const limits = { signal: new AbortController().signal, deadline: 0 };

function build(event: Partial<HttpEvent>): ReturnType<typeof httpRequest> {
  const whole: HttpEvent = { kind: 'gateway', httpMethod: 'POST', path: '/', ...event };
  return httpRequest(whole, [['x-scf-name', 'digits']], fileRow, limits);
}

describe('the path behind API Gateway is the part after the path of the API', () => {
  test.each([
    ['/digits/predict', '/digits', '/predict?'],
    ['/digits/predict', '/digits/{path}', '/predict?'],
    ['/digits/a/b', '/digits/{path}', '/a/b?'],
    ['/digits/', '/digits/{path}', '/model/predict?'],
    ['/digits', '/digits/{path}', '/model/predict?'],
    ['/a/b/c', '/a/b', '/c?'],
    ['/a/x/c', '/a/{b}/c', '/x/c?'],
    ['/digitsx/y', '/digits', '/digitsx/y?'],
    ['/other/x', '/digits', '/other/x?'],
    ['/anything', '/', '/anything?'],
    ['/anything', '/{path}', '/anything?'],
    // An API for one route.
    ['/ai', '/ai', '/ai?'],
    // A hand-written test event.
    ['/ai?foo=bar', '/ai', '/ai?foo=bar'],
    ['/ai?foo=bar', '/test/{path}', '/ai?foo=bar'],
    ['/ai?', undefined, '/ai?'],
  ])('%s of the API %s is %s', (path, api, expected) => {
    const request = build({ path, ...(api !== undefined && { apiPath: api }) });
    expect(`${request.path}?${request.query}`).toBe(expected);
  });

  test('and a query in it is joined with the others, which win', () => {
    const event = { path: '/ai?foo=bar&a=1', queryString: { foo: 'baz' }, apiPath: '/ai' };
    expect(build(event).query).toBe('a=1&foo=baz');
  });
});

describe('a body without a Content-Type', () => {
  test.each([
    ['{"image_url":""}', 'application/json'],
    [' [1]', 'application/json'],
    ['7', undefined],
    ['{', undefined],
    ['', undefined],
  ])('%s has the type %s', (body, type) => {
    expect(build({ body }).headers.find(([name]) => name === 'content-type')?.[1]).toBe(type);
  });

  test('keeps the one that it has', () => {
    const { headers } = build({ body: '{}', headers: { 'Content-Type': 'text/plain' } });
    expect(headers.filter(([name]) => name.toLowerCase() === 'content-type')).toEqual([['Content-Type', 'text/plain']]);
  });
});
