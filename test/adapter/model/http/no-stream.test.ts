import { expect, test } from 'vitest';
import { withoutStreaming } from '../../../../adapter/model/http/no-stream.ts';
import { requestOf } from '../../../contract/suite.ts';

test.each([
  ['{"model":"m"}', '{"stream":false,"model":"m"}'],
  ['{}', '{"stream":false}'],
  [' {\n "a": 1 }', ' {"stream":false,\n "a": 1 }'],
  ['{"stream":true,"a":1}', '{"stream":false,"a":1}'],
  ['{"a":1, "stream" : true }', '{"a":1, "stream" :false}'],
  ['{"stream":{"x":[1,2]},"a":1}', '{"stream":false,"a":1}'],
  ['{"stream":"a, \\"b}","a":1}', '{"stream":false,"a":1}'],
  ['{"options":{"stream":true}}', '{"stream":false,"options":{"stream":true}}'],
  ['{"a":"stream","b":["stream"]}', '{"stream":false,"a":"stream","b":["stream"]}'],
  ['{"seed":12345678901234567890,"text":"Zoë"}', '{"stream":false,"seed":12345678901234567890,"text":"Zoë"}'],
  ['[{"stream":true}]', '[{"stream":true}]'],
  ['not JSON', 'not JSON'],
  ['', ''],
])('%s is sent as %s', (body, expected) => {
  expect(Buffer.from(withoutStreaming(requestOf({ body: Buffer.from(body) })).body).toString()).toBe(expected);
});
