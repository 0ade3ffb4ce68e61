import assert from 'node:assert/strict';
import { judgeRun } from '../../../gateway/invoker/result.ts';
import { isJsonObject, type JsonObject } from '../../../gateway/json/json.ts';
import { parseJson } from '../../../gateway/json/parse.ts';
import { resultReply } from '../../../gateway/web-action/response.ts';
import type { Received } from '../../gateway/support/send.ts';

/**
 * Checks a reply to `/run` by the platform's rules: 200, a Content-Length, not chunked or compressed, a result after
 * which the platform keeps the container, and for a web action a result that the controller can render.
 */
export function assertRunReply(reply: Received): JsonObject {
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.all('content-length'), [String(reply.body.length)]);
  assert.deepEqual([...reply.all('transfer-encoding'), ...reply.all('content-encoding')], []);
  const verdict = judgeRun({ kind: 'response', status: reply.status, text: reply.text }, 60_000, false);
  assert.ok(verdict.kind === 'response' && verdict.keepInstance, reply.text);
  assert.ok(reply.body.length <= 1_048_576);
  const result = parseJson(reply.text);
  assert.ok(isJsonObject(result), reply.text);
  if (isWebResult(result)) {
    const rendered = resultReply('.http', result, 'transaction');
    assert.equal(String(rendered.status), String(Number(result['statusCode'])), JSON.stringify(rendered));
  }
  return result;
}

function isWebResult(result: JsonObject): boolean {
  return Object.hasOwn(result, 'statusCode') && Object.hasOwn(result, 'headers');
}
