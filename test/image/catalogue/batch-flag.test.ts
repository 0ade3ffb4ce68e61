import { describe, expect, test } from 'vitest';
import { batch } from '../../../core/batch-row.ts';
import { parseConfiguration } from '../../../core/parse.ts';
import { modelRow, runtimeRow } from '../../../core/row.ts';
import { parseBatch } from '../../../image/catalogue/batch-flag.ts';
import { guessRow } from '../../../image/catalogue/guess.ts';
import { rows } from '../rows.ts';

const smallest = { path: '/predict', input: '/instances', output: '/predictions' };
const defaults = {
  ...smallest,
  method: 'POST',
  elements: 'values',
  largest: 32,
  wait: 5,
  bytes: 4_194_304,
  idempotent: false,
};

const row = {
  name: 'iris',
  title: 'Iris',
  image: 'me/iris:1',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'json' } },
};

test('a row’s batch has these defaults, and reaches the adapter', () => {
  const parsed = parseConfiguration(modelRow, { ...row, gpu: 1, batch: smallest }, 'row');
  expect(parsed.batch).toEqual(defaults);
  expect(runtimeRow(parsed)).toMatchObject({ batch: defaults });
  expect(runtimeRow(parsed)).not.toHaveProperty('gpu');
});

test.each<[string, object, string]>([
  ['no path', { path: undefined }, 'row key batch.path is not set; expected a string'],
  [
    'a path of something else',
    { path: 'predict' },
    'row key batch.path is "predict"; expected a path starting with "/"',
  ],
  [
    'a name in place of a pointer',
    { input: 'instances' },
    'row key batch.input is "instances"; expected a JSON pointer',
  ],
  ['a pointer with a bad escape', { output: '/a~2' }, 'row key batch.output is "/a~2"; expected a JSON pointer'],
  ['a batch of one', { largest: 1 }, 'row key batch.largest is 1; expected at least 2'],
  ['a wait in words', { wait: '5 ms' }, 'row key batch.wait is "5 ms"; expected a number'],
  ['a negative wait', { wait: -1 }, 'row key batch.wait is -1; expected at least 0'],
  [
    'a key that there is none of',
    { size: 3 },
    'row key batch.size is 3; expected no such key, but method, path, input',
  ],
  [
    'tensors that are no member of the document',
    { elements: 'tensors', input: '/a/b' },
    'row key batch.elements is "tensors"; expected values: tensors stand in a member of the document',
  ],
])('%s is refused', (_case, change, message) => {
  const refused = { ...row, batch: { ...smallest, ...change } };
  expect(() => parseConfiguration(modelRow, refused, 'row')).toThrow(message);
});

test.each([0, 17, '1'])('%j GPUs are refused', (gpu) => {
  expect(() => parseConfiguration(modelRow, { ...row, gpu }, 'row')).toThrow(`row key gpu is ${JSON.stringify(gpu)}`);
});

describe('--batch', () => {
  test.each<[string, object]>([
    ['/predict /instances /predictions', {}],
    ['PUT /predict . /out', { method: 'PUT', input: '', output: '/out' }],
    [
      ' /predict  /instances /predictions largest=16 wait=0 bytes=1000 idempotent file=image:/b64/data ',
      { largest: 16, wait: 0, bytes: 1000, idempotent: true, file: { field: 'image', at: '/b64/data' } },
    ],
    ['/predict /instances /predictions file=image', { file: { field: 'image', at: '/b64' } }],
    ['/predict /inputs /outputs elements=tensors', { input: '/inputs', output: '/outputs', elements: 'tensors' }],
  ])('%s', (flag, expected) => {
    expect(batch.parse(parseBatch(flag))).toEqual({ ...defaults, ...expected });
  });

  test.each([
    '',
    '/predict',
    '/predict /instances',
    'predict /instances /predictions',
    '/predict /instances /predictions largest',
    '/predict /instances /predictions wait=5ms',
    '/predict /instances /predictions idempotent=yes',
    '/predict /instances /predictions size=3',
  ])('is refused with its form: %j', (flag) => {
    expect(() => parseBatch(flag)).toThrow(`--batch is ${JSON.stringify(flag)}; expected "[METHOD] /PATH INPUT OUTPUT`);
  });

  test('describes an image that the catalogue does not name', () => {
    const batchFlag = parseBatch('/predict /instances /predictions wait=2');
    const guessed = guessRow({ image: 'me/x', config: {}, catalogue: rows, port: 5000, batch: batchFlag });
    expect(guessed.row.batch).toEqual({ ...defaults, wait: 2 });
  });

  test('is checked like a row', () => {
    const refused = { image: 'me/x', config: {}, catalogue: rows, port: 5000, batch: parseBatch('/a /b /c largest=1') };
    expect(() => guessRow(refused)).toThrow('key batch.largest is 1; expected at least 2');
  });
});
