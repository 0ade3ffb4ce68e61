import { describe, expect, test } from 'vitest';
import type { ListFormat } from '../../../adapter/batch/list-format.ts';
import { tensorLists } from '../../../adapter/batch/tensor-lists.ts';
import { valueLists } from '../../../adapter/batch/value-lists.ts';

const open = tensorLists({ input: '/inputs', output: '/outputs' });

/** The body for all of these, or undefined if they cannot be joined. */
function joined(format: ListFormat, bodies: readonly string[]): string | undefined {
  const lists = bodies.map((body) => format.read(body));
  const read = lists.flatMap((list) => list ?? []);
  const canJoin = read.length === bodies.length && new Set(read.map(({ frame }) => frame)).size === 1;
  return canJoin ? format.join(read) : undefined;
}

function divided(format: ListFormat, bodies: readonly string[], reply: string): readonly string[] {
  return format.divide(
    reply,
    bodies.flatMap((body) => format.read(body) ?? []),
  );
}

describe('lists of values, joined and divided', () => {
  test.each<[string, string, string, readonly string[], string, string, readonly string[]]>([
    ['at the top', '', '', ['[1]', ' [ 2 , 3 ] '], '[1,2,3]', '[4,5, 6]', ['[4]', '[5, 6]']],
    [
      'deeper inside',
      '/a/0/b~1c',
      '/out',
      ['{"a":[{"b/c":[1]}]}', '{"a":[{"b/c":[2]}]}'],
      '{"a":[{"b/c":[1,2]}]}',
      '{"out":[3,4]}',
      ['{"out":[3]}', '{"out":[4]}'],
    ],
    [
      'whose name is written with escapes',
      '/é',
      '/é',
      [String.raw`{"\u00e9":["]"]}`, String.raw`{"\u00e9":["\""]}`],
      String.raw`{"\u00e9":["]","\""]}`,
      String.raw`{"é":["\\",{"é":[]}]}`,
      [String.raw`{"é":["\\"]}`, '{"é":[{"é":[]}]}'],
    ],
  ])('%s', (_case, input, output, bodies, whole, reply, parts) => {
    const format = valueLists({ input, output });
    expect(joined(format, bodies)).toBe(whole);
    expect(divided(format, bodies, reply)).toEqual(parts);
  });

  test.each(['{"a":1}', '{"a":[{"b":1}]}', '{"a":{"0":[1]},"a":1}', '7', 'null', '', '{"a":[{"b/c":{}}]}'])(
    'a body without the list is left alone: %s',
    (body) => {
      expect(valueLists({ input: '/a/0/b~1c', output: '' }).read(body)).toBeUndefined();
    },
  );
});

const tensor = (shape: string, data: string, more = ''): string =>
  `{"name":"x","shape":${shape},"datatype":"FP64"${more},"data":${data}}`;
const infer = (...tensors: readonly string[]): string => `{"inputs":[${tensors.join(',')}]}`;
const outputs = (...tensors: readonly string[]): string =>
  `{"model_name":"iris","id":"made up","outputs":[${tensors.join(',')}]}`;

describe('tensors of the Open Inference Protocol, joined along their first axis', () => {
  test.each<[string, readonly string[], string, string, readonly string[]]>([
    [
      'flat data',
      [infer(tensor('[1,2]', '[0.10,2]')), infer(tensor('[2,2]', '[3,4,5,6]'))],
      infer(tensor('[3,2]', '[0.10,2,3,4,5,6]')),
      outputs(tensor('[3]', '[12345678901234567890,1.0,2]')),
      [outputs(tensor('[1]', '[12345678901234567890]')), outputs(tensor('[2]', '[1.0,2]'))],
    ],
    [
      'nested data',
      [infer(tensor('[1,2]', '[[1,2]]')), infer(tensor('[1,2]', '[[3,4]]'))],
      infer(tensor('[2,2]', '[[1,2],[3,4]]')),
      outputs(tensor('[2,1]', '[[1],[2]]')),
      [outputs(tensor('[1,1]', '[[1]]')), outputs(tensor('[1,1]', '[[2]]'))],
    ],
    [
      'several tensors on both sides, and strings',
      [
        infer(tensor('[1]', '["]"]'), tensor('[1,1]', '[1]', ',"parameters":{"content_type":"np"}')),
        infer(tensor('[1]', '["é"]'), tensor('[1,1]', '[2]', ',"parameters":{"content_type":"np"}')),
      ],
      infer(tensor('[2]', '["]","é"]'), tensor('[2,1]', '[1,2]', ',"parameters":{"content_type":"np"}')),
      outputs(tensor('[2]', '["a","b"]'), tensor('[2,2]', '[1,2,3,4]')),
      [
        outputs(tensor('[1]', '["a"]'), tensor('[1,2]', '[1,2]')),
        outputs(tensor('[1]', '["b"]'), tensor('[1,2]', '[3,4]')),
      ],
    ],
  ])('%s', (_case, bodies, whole, reply, parts) => {
    expect(joined(open, bodies)).toBe(whole);
    expect(divided(open, bodies, reply)).toEqual(parts);
  });

  test('each caller gets its own id, and the model server gets no ids', () => {
    const bodies = ['"a"', undefined, '"b"'].map((id, index) => {
      const body = infer(tensor('[1]', `[${index}]`));
      return id === undefined ? body : `{"id":${id},${body.slice(1)}`;
    });
    expect(joined(open, bodies)).toBe(infer(tensor('[3]', '[0,1,2]')));
    const ids = divided(open, bodies, outputs(tensor('[3]', '[1,2,3]'))).map(
      (part) => /"id":"([^"]*)"/.exec(part)?.[1],
    );
    expect(ids).toEqual(['a', 'made up', 'b']);
  });

  const one = infer(tensor('[1,2]', '[1,2]'));
  test.each([
    ['other dimensions', infer(tensor('[1,3]', '[1,2,3]'))],
    ['nested beside flat data', infer(tensor('[1,2]', '[[1,2]]'))],
    ['another type', one.replace('FP64', 'INT32')],
    ['another name', one.replace('"x"', '"y"')],
    ['other parameters', infer(tensor('[1,2]', '[1,2]', ',"parameters":{"a":1}'))],
    ['other outputs asked for', one.replace('{', '{"outputs":[{"name":"y"}],')],
    ['one tensor more', infer(tensor('[1,2]', '[1,2]'), tensor('[1,2]', '[1,2]'))],
    [
      'data in another place',
      '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","parameters":{"binary_data_size":8}}]}',
    ],
    ['data that does not fit the shape', infer(tensor('[1,2]', '[1]'))],
    ['no axis', infer(tensor('[]', '[1]'))],
    ['no input', infer(tensor('[0,2]', '[]'))],
    ['axes of two lengths', infer(tensor('[1]', '[1]'), tensor('[2]', '[1,2]'))],
    ['a name twice', one.replace('"shape"', '"name":"x","shape"')],
    ['no tensors', '{"inputs":[]}'],
    ['no objects', '{"inputs":[1]}'],
  ])('is not done with %s', (_case, other) => {
    expect(joined(open, [one, one])).toBeDefined();
    expect(joined(open, [one, other])).toBeUndefined();
  });

  test.each([
    ['outputs of another length', outputs(tensor('[1]', '[1]')), 'a batch of 2 inputs with 1 outputs at /outputs'],
    ['no outputs', '{"error":"x"}', 'a batch of 2 inputs with a reply without a list at /outputs'],
  ])('a reply with %s is refused with both numbers', (_case, reply, message) => {
    expect(() => divided(open, [one, one], reply)).toThrow(message);
  });
});

test('strings of megabytes beside the list and in the reply do no harm', () => {
  const format = valueLists({ input: '/instances', output: '/predictions' });
  const long = 'x'.repeat(9_000_000);
  const body = `{"image":"${long}","instances":[1]}`;
  expect(joined(format, [body, body])?.length).toBe(body.length + 2);
  expect(divided(format, [body], `{"predictions":[NaN],"image":"${long}"}`)).toHaveLength(1);
});
