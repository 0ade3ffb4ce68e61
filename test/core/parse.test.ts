import { expect, test } from 'vitest';
import { parseConfiguration } from '../../core/parse.ts';
import { modelRow } from '../../core/row.ts';

const smallest = {
  name: 'iris',
  title: 'Iris',
  image: 'me/iris:1',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'json' } },
};

test('the smallest row gets every default', () => {
  expect(parseConfiguration(modelRow, smallest, 'row')).toEqual({
    ...smallest,
    images: [],
    template: false,
    server: { kind: 'http', port: 5000, ready: { kind: 'port' }, background: false, forceNoStream: false },
    predict: {
      method: 'POST',
      path: '/model/predict',
      input: { kind: 'json', fields: [] },
      parameters: [],
      output: 'application/json',
    },
    routes: [],
    memory: 512,
  });
});

test('the result is frozen deeply', () => {
  const row = parseConfiguration(modelRow, smallest, 'row');
  for (const part of [row, row.server, row.predict, row.predict.input, row.routes]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test.each<[string, unknown, string]>([
  ['not an object', 7, 'row is 7; expected an object'],
  ['a missing key', { ...smallest, image: undefined }, 'row key image is not set; expected a string'],
  [
    'an unknown key',
    { ...smallest, predict: { input: { kind: 'query', feild: 'x' } } },
    'row key predict.input.feild is "x"; expected no such key, but kind',
  ],
  [
    'a name that is no repository name',
    { ...smallest, name: 'Iris' },
    'row key name is "Iris"; expected a repository name: lower case letters, digits, ". _ -"',
  ],
  [
    'a port as text',
    { ...smallest, server: { kind: 'http', port: '5000' } },
    'row key server.port is "5000"; expected a number',
  ],
  [
    'half a port',
    { ...smallest, server: { kind: 'http', port: 0.5 } },
    'row key server.port is 0.5; expected a whole number',
  ],
  ['port 0', { ...smallest, server: { kind: 'http', port: 0 } }, 'row key server.port is 0; expected at least 1'],
  [
    'too high a port',
    { ...smallest, server: { kind: 'http', port: 65_536 } },
    'row key server.port is 65536; expected at most 65535',
  ],
  [
    'an unknown kind of server',
    { ...smallest, server: { kind: 'grpc' } },
    'row key server.kind is "grpc"; expected "express" or "http"',
  ],
  [
    'a relative path',
    { ...smallest, predict: { path: 'predict', input: { kind: 'json' } } },
    'row key predict.path is "predict"; expected a path starting with "/"',
  ],
  [
    'an unknown method',
    { ...smallest, predict: { method: 'get', input: { kind: 'json' } } },
    'row key predict.method is "get"; expected "GET" or "POST" or "PUT"',
  ],
  [
    'a line break in a header value',
    { ...smallest, predict: { input: { kind: 'json' }, output: 'a/b\r\nx: y' } },
    'row key predict.output is "a/b\\r\\nx: y"; expected printable ASCII',
  ],
  [
    'an empty command',
    { ...smallest, server: { kind: 'http', port: 1, command: [] } },
    'row key server.command is []; expected at least 1 elements',
  ],
  [
    'statuses in the wrong order',
    { ...smallest, server: { kind: 'http', port: 1, ready: { kind: 'get', path: '/', status: [399, 200] } } },
    'row key server.ready.status is [399,200]; expected two statuses, the lower one first',
  ],
  [
    'an object as a default',
    { ...smallest, predict: { input: { kind: 'query' }, parameters: [{ name: 'x', default: {} }] } },
    'row key predict.parameters.0.default is {}; expected a string, a number or a boolean',
  ],
])('%s is refused by key, value and expectation', (_case, value, message) => {
  expect(() => parseConfiguration(modelRow, value, 'row')).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', code: 'CONFIGURATION', message }),
  );
});
