import { expect, test } from 'vitest';
import { matches } from '../../../azure/functions/app-function.ts';

test.each([
  ['model/{*path}', [], 'GET', 'model/predict', true],
  ['model/{*path}', [], 'GET', 'model', true],
  ['model/{*path}', [], 'GET', 'models', false],
  ['negotiate', ['post'], 'POST', 'Negotiate', true],
  ['negotiate', ['post'], 'GET', 'negotiate', false],
  ['a/{id}', [], 'GET', 'a/7', true],
  ['a/{id}', [], 'GET', 'a', false],
  ['a/{id?}', [], 'GET', 'a', true],
  ['a.b', [], 'GET', 'axb', false],
  ['a/{id:int}/c', [], 'GET', 'a/7/c', true],
])('the route %s for %j takes %s %s: %s', (route, methods, method, path, expected) => {
  expect(matches({ name: 'x', route, methods }, method, path)).toBe(expected);
});
