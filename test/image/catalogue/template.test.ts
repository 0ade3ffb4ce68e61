import { describe, expect, test } from 'vitest';
import { findRow } from '../../../image/catalogue/catalogue.ts';
import { fillTemplate, placeholders, plainName } from '../../../image/catalogue/template.ts';
import { rows } from '../rows.ts';

describe('fillTemplate', () => {
  test('puts the value wherever the placeholder stands', () => {
    const row = fillTemplate(findRow(rows, 'tensorflow-serving'), { model: 'half_plus_two' });
    expect(row).toMatchObject({
      name: 'tensorflow-serving-half-plus-two',
      template: false,
      server: { environment: { MODEL_NAME: 'half_plus_two' }, ready: { path: '/v1/models/half_plus_two' } },
      predict: { path: '/v1/models/half_plus_two:predict' },
    });
  });

  test('keeps what a value holds, quotes and dollar signs too', () => {
    const row = fillTemplate(findRow(rows, 'ollama'), { model: `a"b$&c\\` });
    expect(row.sample?.json).toMatchObject({ model: `a"b$&c\\` });
  });

  test('does not change a row that is not a template', () => {
    const row = findRow(rows, 'digits');
    expect(fillTemplate(row, {})).toBe(row);
  });

  test.each<[string, Record<string, string>, string]>([
    ['cog', {}, '--set model is not set; expected a value for cog'],
    ['cog', { model: 'me/x', modle: 'y' }, '--set is "modle"; expected model'],
    ['digits', { model: 'x' }, '--set is "model"; expected no value: row digits is not a template'],
    [
      'triton',
      { model: 'a b' },
      'row triton filled in key predict.path is "/v2/models/a b/infer"; expected a path starting with "/"',
    ],
  ])('refuses for %s the values %j', (name, values, message) => {
    expect(() => fillTemplate(findRow(rows, name), values)).toThrow(expect.objectContaining({ message }));
  });
});

test('templates of the catalogue ask for nothing but image, model and method', () => {
  const names = new Set(rows.filter((row) => row.template).flatMap(placeholders));
  expect(names).toEqual(new Set(['image', 'model', 'method']));
});

test.each<[string, string, object]>([
  ['vLLM takes the model as its first word', 'vllm', { command: ['me/llm'], ready: { path: '/health' } }],
  [
    'SGLang is started in full, as its image starts nothing',
    'sglang',
    { command: expect.arrayContaining(['sglang.launch_server', 'me/llm']) },
  ],
  ['LitServe tells when its workers are ready', 'litserve', { port: 8000, ready: { path: '/health' } }],
  ['MLServer runs models in its own process', 'mlserver', { environment: { MLSERVER_PARALLEL_WORKERS: '0' } }],
])('%s', (_rule, name, server) => {
  const row = findRow(rows, name);
  const values = Object.fromEntries(placeholders(row).map((each) => [each, 'me/llm']));
  expect(fillTemplate({ ...row, routes: [] }, values).server).toMatchObject(server);
});

test.each([
  ['bentoml', ['image', 'method']],
  ['kserve', ['image', 'model']],
  ['digits', []],
])('the placeholders of %s are %j', (name, names) => {
  expect(placeholders(findRow(rows, name))).toEqual(names);
});

test.each([
  ['registry.example:5000/team/Iris_Model:v1', 'iris-model'],
  ['me/iris@sha256:abc', 'iris'],
  ['/models/tiny.gguf', 'tiny-gguf'],
  ['llama3.2:1b', 'llama3-2'],
])('the plain name of %s is %s', (reference, name) => {
  expect(plainName(reference)).toBe(name);
});
