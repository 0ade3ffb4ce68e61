import { describe, expect, test } from 'vitest';
import { readChoice, readPort, readText, readWholeNumber } from '../../core/settings.ts';

const milliseconds = (text: string | undefined) =>
  readWholeNumber({ TIME: text }, 'TIME', 'whole milliseconds', { least: 1, most: 1000 });
const port = (text: string | undefined) => readPort({ PORT: text }, 'PORT');
const choice = (text: string | undefined) => readChoice({ LOG: text }, 'LOG', ['json', 'off']);
const name = (text: string | undefined) => readText({ NAME: text }, 'NAME', /^[a-z]+$/, 'a name');

describe('a setting', () => {
  test.each([milliseconds, port, choice, name])('that is not set is undefined: %s', (read) => {
    expect(read(undefined)).toBeUndefined();
  });

  test('is read as its value', () => {
    expect([milliseconds('1000'), port('65535'), port('0'), choice('off'), name('abc')]).toEqual([
      1000,
      65_535,
      0,
      'off',
      'abc',
    ]);
  });

  test.each<[read: (text: string) => unknown, text: string, message: string]>([
    [milliseconds, '0', 'TIME is "0"; expected whole milliseconds'],
    [milliseconds, '1001', 'TIME is "1001"; expected whole milliseconds'],
    [milliseconds, '0100', 'TIME is "0100"; expected whole milliseconds'],
    [milliseconds, '1e2', 'TIME is "1e2"; expected whole milliseconds'],
    [milliseconds, '-1', 'TIME is "-1"; expected whole milliseconds'],
    [milliseconds, '', 'TIME is ""; expected whole milliseconds'],
    [port, '65536', 'PORT is "65536"; expected a TCP port'],
    [port, '000080', 'PORT is "000080"; expected a TCP port'],
    [port, '80a', 'PORT is "80a"; expected a TCP port'],
    [choice, '', 'LOG is ""; expected "json" or "off"'],
    [choice, 'JSON', 'LOG is "JSON"; expected "json" or "off"'],
    [name, 'a b', 'NAME is "a b"; expected a name'],
  ])('%s refuses %j by name, value and expectation', (read, text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'ConfigurationError', message }) as Error);
  });
});
