import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdapterProcess, startAdapter } from '../../start-adapter.ts';

const module = join(import.meta.dirname, '../../echo-app.ts');
const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: { kind: 'express', module, export: 'app' },
  predict: { path: '/predict', input: { kind: 'json' } },
};

let adapter: AdapterProcess;
beforeAll(async () => {
  adapter = await startAdapter(row);
  await adapter.post('/init', { value: {} });
});
afterAll(() => adapter.stop());

/** What the model server got, as its echo says. */
function sent(result: unknown): string {
  return Buffer.from((result as { body: string }).body, 'base64').toString();
}

const record = (value: unknown, offset = 1) => ({ topic: 'images', partition: 0, offset, key: null, value });
const s3 = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'bucket' }, object: { key: 'a+b', versionId: 'v1' } } }; // prettier-ignore

describe('the parameters of a trigger’s feed', () => {
  test.each<[string, string, string]>([
    [
      'a record of Kafka that is JSON',
      `{"messages":[{"topic":"t","partition":0,"offset":1,"value":{"n":1.0}}]}`,
      '{"n":1.0}',
    ],
    ['a record of Kafka that is a text of JSON', JSON.stringify({ messages: [record('{"n":1.0}')] }), '{"n":1.0}'],
    ['an event of S3', JSON.stringify({ Records: [s3] }), '{"bucket":"bucket","key":"a b","versionId":"v1"}'],
    [
      'an event of S3 in Kafka',
      JSON.stringify({ messages: [record({ Records: [s3] })] }),
      '{"bucket":"bucket","key":"a b","versionId":"v1"}',
    ],
    [
      'a chat, which is no feed',
      '{"messages":[{"role":"user","content":"hi"}]}',
      '{"messages":[{"role":"user","content":"hi"}]}',
    ],
    ['no messages', '{"messages":[]}', '{"messages":[]}'],
    ['an alarm’s own parameters', '{"n":1.0}', '{"n":1.0}'],
  ])('%s', async (_title, parameters, body) => {
    const { json } = await adapter.post('/run', `{"value":${parameters}}`);
    expect(sent(json)).toBe(body);
  });

  test('several records have several results, in their order', async () => {
    const { results } = await adapter.run({ messages: [record({ n: 1 }), record({ n: 2 }, 2)] });
    expect((results as unknown[]).map(sent)).toEqual(['{"n":1}', '{"n":2}']);
  });

  test('one that fails fails the activation, which tells all results', async () => {
    const { error } = await adapter.run({ messages: [record({ n: 1 }), record('no JSON', 2)] });
    expect(error).toMatchObject({
      message: 'the model failed for 1 of 2 inputs',
      results: [{ method: 'POST' }, { error: { statusCode: 400 } }],
    });
  });

  test.each([
    [
      'a change of a database',
      { id: 'd', seq: '1-a', changes: [{ rev: '1-b' }] },
      'a change of a database has no input for the model',
    ],
    [
      'an event of another service',
      { source: 'aws.ec2', 'detail-type': 'x', detail: {} },
      `an event of EventBridge's "x" of aws.ec2 has no input for the model`,
    ],
    ['a malformed event', { Records: [{ eventSource: 'aws:s3' }] }, 'the S3 event is malformed at'],
  ])('%s is refused by name, and the model is not called', async (_title, parameters, message) => {
    expect(await adapter.run(parameters)).toEqual({
      error: expect.objectContaining({
        statusCode: 400,
        message: expect.stringContaining(message) as string,
      }) as object,
    });
  });

  test('an object that was removed has no result', async () => {
    expect(await adapter.run({ Records: [{ ...s3, eventName: 'ObjectRemoved:Delete' }] })).toEqual({
      results: [],
    });
  });
});
