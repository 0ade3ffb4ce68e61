import { describe, expect, test } from 'vitest';
import { escapePath, escapeQuery, modelPath } from '../../../adapter/http/request-line.ts';
import { modelRow } from '../../../core/row.ts';

const row = modelRow.parse({
  name: 'model',
  title: 'Model',
  image: 'me/model',
  server: { kind: 'express', module: 'app.js' },
  predict: { input: { kind: 'query' } },
});

describe('modelPath', () => {
  test.each([
    ['', 'POST', '/model/predict'],
    ['/', 'POST', '/model/predict'],
    ['/', 'GET', '/'],
    ['', 'GET', '/'],
    ['/model/metadata', 'POST', '/model/metadata'],
    ['/a b', 'GET', '/a%20b'],
  ])('%j of a %s is %s', (path, method, expected) => {
    expect(modelPath(path, method, row)).toBe(expected);
  });
});

describe('escapePath keeps percent-encoding and encodes invalid characters', () => {
  test.each([
    ['/a%2Fb%20c/%C3%A9;v=1/~x', '/a%2Fb%20c/%C3%A9;v=1/~x'],
    ['/100%/%zz/%4', '/100%25/%25zz/%254'],
    ['/é 🙂\n', '/%C3%A9%20%F0%9F%99%82%0A'],
    ['/a?b#c', '/a%3Fb%23c'],
    ['/\uD800', '/%EF%BF%BD'],
  ])('%j is %s', (path, expected) => {
    expect(escapePath(path)).toBe(expected);
  });
});

describe('escapeQuery does the same, and keeps question marks and all percent signs', () => {
  test.each([
    ["list[]=1&odd=(!'*'),;:@$&next=/x?y=%3f", "list[]=1&odd=(!'*'),;:@$&next=/x?y=%3f"],
    ['a=x y&b=ü#z&c=5%&d=%zz', 'a=x%20y&b=%C3%BC%23z&c=5%&d=%zz'],
  ])('%j is %s', (query, expected) => {
    expect(escapeQuery(query)).toBe(expected);
  });
});
