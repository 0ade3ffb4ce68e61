import { describe, expect, test } from 'vitest';
import { readActions, readAllowHost, readDnsServer, readListen } from '../../cli/start-flags.ts';

describe('--action', () => {
  test.each<[value: string, expected: object]>([
    ['a=http://h:1', { kind: 'container', url: new URL('http://h:1') }],
    [
      'a=http://h:1,http://[::1]:2',
      { kind: 'workers', workers: { kind: 'list', urls: [new URL('http://h:1'), new URL('http://[::1]:2')] } },
    ],
    ['a=dns+srv://_ocr._tcp.example', { kind: 'workers', workers: { kind: 'service', name: '_ocr._tcp.example' } }],
    ['a=dns+http://tasks.ocr:8080', { kind: 'workers', workers: { kind: 'host', name: 'tasks.ocr', port: 8080 } }],
    ['a=me/iris:2', { kind: 'image', image: 'me/iris:2' }],
  ])('%s', (value, expected) => {
    expect(readActions(value)).toEqual([{ name: 'a', ...expected }]);
  });

  test.each([
    'a=http://h:1,',
    'a=http://h:1,me/iris',
    'a=dns+http://ocr',
    'a=dns+srv://a/b',
    'a=dns+srv://a..b',
    `a=dns+srv://${'a'.repeat(64)}.b`,
    'a=dns+http://a..b:80',
    'a=dns+http://a:0',
    'a=dns+http://a:65536',
    'a=https://h',
    'a=ftp://h',
    'a=http://h:1/model/predict',
    'a=http://h:1/?x=1',
    'a=http://h:1,http://h:2/b',
    'a=http://me:secret@h:1',
  ])('%s is refused', (value) => {
    expect(() => readActions(value)).toThrow(`--action is "${value}"; expected NAME=http://HOST:PORT`);
  });
});

describe('--allow-host', () => {
  test('takes names', () => {
    expect(readAllowHost('models.example', readAllowHost('box'))).toEqual(['box', 'models.example']);
  });

  test.each(['http://models.example', 'models.example:3233', 'models.example/', ''])('"%s" is refused', (value) => {
    expect(() => readAllowHost(value)).toThrow(`--allow-host is "${value}"; expected a name without http://`);
  });
});

test('a port of try that cannot be is refused by the name of its flag', () => {
  expect(() => readListen('70000')).toThrow('--listen is "70000"; expected a number from 0 to 65535');
});

describe('--dns-server', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', 53],
    ['127.0.0.1:8600', '127.0.0.1', 8600],
    ['::1', '::1', 53],
    ['[::1]:8600', '::1', 8600],
  ])('%s', (value, address, port) => {
    expect(readDnsServer(value)).toEqual({ address, port });
  });

  test.each(['localhost', '127.0.0.1:99999', '127.0.0.1:', '1.2.3', ''])('"%s" is refused', (value) => {
    expect(() => readDnsServer(value)).toThrow('expected ADDRESS or ADDRESS:PORT');
  });
});
