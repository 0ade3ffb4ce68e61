import { expect, test } from 'vitest';
import { applyFailureRule } from '../../../../adapter/model/http/failure.ts';

const cog = { field: 'status', equals: ['failed', 'canceled'], status: 502 };
const ollama = { field: 'error', status: 500 };
const json = 'application/json; charset=utf-8';

test.each([
  ['a value that means failure', cog, 200, json, '{"status":"failed","error":"boom"}', 502],
  ['any other value', cog, 200, json, '{"status":"succeeded"}', 200],
  ['a reply without the field', cog, 200, json, '{"output":[1]}', 200],
  ['a reply that is not JSON after all', cog, 200, json, 'status: failed', 200],
  ['a reply of another type', cog, 200, 'text/plain', '{"status":"failed"}', 200],
  ['a status that reports the failure already', cog, 422, json, '{"status":"failed"}', 422],
  ['a nested field', { ...cog, field: 'a.0.status' }, 201, json, '{"a":[{"status":"failed"}]}', 502],
  ['any value by default', ollama, 200, json, '{"error":"no memory"}', 500],
  ['null by default', ollama, 200, json, '{"error":null}', 200],
  ['the last line of NDJSON', ollama, 200, 'application/x-ndjson', '{"response":"a"}\n{"error":"cut"}\n', 500],
  ['an earlier line of NDJSON', ollama, 200, 'application/x-ndjson', '{"error":"cut"}\n{"done":true}\n', 200],
  [
    'the last event of an event stream',
    ollama,
    200,
    'text/event-stream',
    'data: {"a":1}\n\ndata: {"error":"x"}\n\n',
    500,
  ],
  ['no rule', undefined, 200, json, '{"status":"failed"}', 200],
])('%s', async (_, rule, status, contentType, body, expected) => {
  const response = { status, headers: [['Content-Type', contentType]] as const, body: Buffer.from(body) };
  const given = await applyFailureRule(rule, response, { streamsReply: false, limit: 1000 });
  expect(given).toEqual({ ...response, status: expected });
});
