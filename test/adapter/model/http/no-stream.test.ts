import { expect, test } from 'vitest';
import { withoutStreaming } from '../../../../adapter/model/http/no-stream.ts';
import { requestOf } from '../../../contract/suite.ts';

test.each([
  ['{"model":"m"}', '{"stream":false,"model":"m"}'],
  ['{}', '{"stream":false}'],
  [' {\n "a": 1 }', ' {"stream":false,\n "a": 1 }'],
  ['{"stream":true,"a":1}', '{"stream":false,"a":1}'],
  ['{"a":1, "stream" : true }', '{"a":1, "stream" : false }'],
  ['{"stream":{"x":[1,2]},"a":1}', '{"stream":false,"a":1}'],
  ['{"stream":"a, \\"b}","a":1}', '{"stream":false,"a":1}'],
  ['{"stream":true,"stream":true}', '{"stream":true,"stream":false}'],
  ['{"options":{"stream":true}}', '{"stream":false,"options":{"stream":true}}'],
  ['{"a":"stream","b":["stream"]}', '{"stream":false,"a":"stream","b":["stream"]}'],
  ['{"seed":12345678901234567890,"text":"Zoë"}', '{"stream":false,"seed":12345678901234567890,"text":"Zoë"}'],
  ['[{"stream":true}]', '[{"stream":true}]'],
  ['not JSON', 'not JSON'],
  ['', ''],
])('%s is sent as %s', (body, expected) => {
  expect(Buffer.from(withoutStreaming(requestOf({ body: Buffer.from(body) })).body).toString()).toBe(expected);
});

test('an image of 8 MiB in the body is possible', () => {
  const image = 'x'.repeat(8 * 1024 * 1024);
  const { body } = withoutStreaming(requestOf({ body: Buffer.from(`{"images":["${image}"],"stream":true}`) }));
  expect(body.toString('latin1', body.length - 20)).toBe('xx"],"stream":false}');
  const { body: top } = withoutStreaming(requestOf({ body: Buffer.from(`{"prompt":"${image}"}`) }));
  expect(top.toString('latin1', 0, 30)).toBe('{"stream":false,"prompt":"xxxx');
});
