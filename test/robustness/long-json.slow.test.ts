import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../adapter/fetch/policy.ts';
import type { Header } from '../../adapter/http/message.ts';
import { withFormInput } from '../../adapter/inputs/form-input.ts';
import { withoutStreaming } from '../../adapter/model/http/no-stream.ts';
import { readInvocation } from '../../adapter/platforms/azure/invocation.ts';
import { readCloudEvent } from '../../adapter/platforms/_push/cloud-event.ts';
import { type LambdaEvent, readEvent as readLambdaEvent } from '../../adapter/platforms/lambda/event.ts';
import { readActivation } from '../../adapter/platforms/openwhisk/activation.ts';
import { readEvent as readScfEvent } from '../../adapter/platforms/scf/event.ts';
import { modelRow } from '../../core/row.ts';
import { nodeFlags } from '../../image/engines/wrap-config.ts';
import { startListening, type ChildProcess } from '../adapter/adapter-process.ts';
import { sendHttp } from '../adapter/http-client.ts';
import { requestOf } from '../contract/suite.ts';
import { freePort } from '../support/free-port.ts';
import { processorTime } from './support/processor-time.ts';

// JSON.parse makes an object of each two bytes here, which stopped the adapter for 16 seconds.
const many = `[${'{},'.repeat(4_000_000)}{}]`;
const deep = '['.repeat(6_000_000) + ']'.repeat(6_000_000);
const strings = `[${'"ab",'.repeat(2_400_000)}""]`;

const predict = { path: '/sink', input: { kind: 'file', field: 'image', filename: 'a.png', contentType: 'image/png' } };

describe('a JSON document of 12 MB with millions of values', () => {
  let port: number;
  let adapter: ChildProcess;
  const model = { name: 'sink', title: 'Sink', image: 'me/sink', predict };
  beforeAll(async () => {
    const modelPort = await freePort();
    const server = { kind: 'http', port: modelPort, environment: { PORT: String(modelPort) } } as const;
    const base = { entrypoint: [process.execPath, join(import.meta.dirname, '../contract/servers/streams.mjs')] };
    const environment = { MODELWHISK_BASE: JSON.stringify({ ...base, command: null, environment: {} }) };
    const flags = nodeFlags(modelRow.parse({ ...model, server }));
    const started = await startListening(
      { ...model, server: { ...server, ready: { kind: 'get', path: '/ready' } } },
      (chosen) => ({ K_SERVICE: 'sink', PORT: chosen, ...environment }),
      { flags },
    );
    ({ port, adapter } = started);
  });
  afterAll(async () => void (await adapter.stop()));

  const post = async (body: string, headers: readonly Header[] = []) => {
    const before = processorTime(adapter.pid);
    const type: readonly Header[] = headers.length > 0 ? headers : [['Content-Type', 'application/json']];
    const request = { method: 'POST', path: '/sink', query: '', headers: type, body: Buffer.from(body) };
    const reply = await sendHttp(port, request);
    return { status: reply.status, text: reply.body.toString(), cost: processorTime(adapter.pid) - before };
  };
  const event: readonly Header[] = [['Content-Type', 'application/cloudevents+json']];
  const attributes = '"specversion":"1.0","id":"1","source":"/a","type":"t"';

  test.each([
    ['an array', many],
    ['an array many levels deep', deep],
    ['strings', `{"a":${strings}}`],
    ['an object', `{"a":${many}}`],
    ['an object with the key of the file further inside', `{"a":{"image_url":"x","b":${many}}}`],
    ['an object cut short', `{"image_url":"x","a":${many}`],
    ['an object whose keys have escapes', `{"\\u0061":${many}}`],
  ])('costs little in front of a model that takes a file: %s, which the model gets unchanged', async (_what, body) => {
    const { status, text, cost } = await post(body);
    expect([status, text]).toEqual([200, `{"bytes":${body.length}}`]);
    expect(cost).toBeLessThan(2500);
  });

  test.each([
    ['that names a file', `{"image_base64":"AAAA","a":${many}}`, [], 400, 'more than 100000 values'],
    ['as the file itself', `{"image":${many}}`, [], 400, '"image\\" is [{},{}'],
    ['as an event', `{${attributes},"data":${many}}`, event, 400, "the event's data is [{},{},"],
    [
      'as an event whose data names a file',
      `{${attributes},"data":{"image":"AAAA","a":${many}}}`,
      event,
      400,
      '100000',
    ],
  ])('costs little if it is refused: %s', async (_what, body, headers, status, words) => {
    const reply = await post(body, headers);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(words)]);
    expect(reply.cost).toBeLessThan(2500);
  });

  test('of numbers that are the bytes of a file becomes the file', async () => {
    const numbers = Array.from({ length: 1_000_000 }, (_, index) => index % 256).join(',');
    const { status, text } = await post(`{"image":{"type":"Buffer","data":[${numbers}]}}`);
    expect([status, (JSON.parse(text) as { bytes: number }).bytes > 1_000_000]).toEqual([200, true]);
  });
});

describe('a document with millions of values is not made into objects', () => {
  const row = modelRow.parse({
    name: 'a',
    title: 'A',
    image: 'a/a',
    server: { kind: 'http', port: 1 },
    predict,
  });
  const policy = parseFetchPolicy({});
  const json: readonly Header[] = [['Content-Type', 'application/json']];
  const quoted = JSON.stringify(`{"a":${many}}`);
  const sqs = `{"Records":[{"messageId":"1","body":${quoted},"eventSource":"aws:sqs","eventSourceARN":"arn:q"}]}`;

  test.each<[what: string, read: () => unknown]>([
    ['/run', () => readActivation([Buffer.from(`{"value":{"a":${many},"b":1},"deadline":"1"}`)])],
    ['/run of a web action', () => readActivation([Buffer.from(`{"value":{"a":${many},"__ow_method":"post"}}`)])],
    ['an invocation of Lambda', () => readLambdaEvent(Buffer.from(`{"a":${many}}`))],
    ['an invocation of Lambda that is an array', () => readLambdaEvent(Buffer.from(many))],
    ['messages of SQS', () => inputsOf(readLambdaEvent(Buffer.from(sqs)))],
    ['an invocation of SCF', () => readScfEvent(Buffer.from(`{"a":${many}}`))],
    ["Azure's payload", () => readInvocation(Buffer.from(`{"Data":{"a":{"b":${many}}},"Metadata":{}}`), 'a')],
    ["Azure's payload with JSON in a string", () => readInvocation(Buffer.from(`{"Data":{"a":${quoted}},"Metadata":{}}`), 'a')],
    ['a CloudEvent', () => readCloudEvent(requestOf({
      headers: [['content-type', 'application/cloudevents+json']],
      body: Buffer.from(`{"specversion":"1.0","id":"1","source":"/","type":"t","data":${many}}`),
    }))],
    ['a request without its file', () => withFormInput(requestOf({
      method: 'POST', path: '/sink', headers: json, body: Buffer.from(`{"imagery":${many}}`),
    }), row, policy)],
    ['a request that is not to stream', () => withoutStreaming(requestOf({ body: Buffer.from(`{"a":${many},"stream":true}`) }))],
  ])('%s', async (_what, read) => {
    const before = process.memoryUsage().heapUsed;
    const result = await read();
    const used = process.memoryUsage().heapUsed - before;
    expect(result).toBeDefined();
    // The text itself is 12 MB, and may be there twice; its objects would take 100 more.
    expect(used).toBeLessThan(60_000_000);
  }); // prettier-ignore
});

function inputsOf(event: LambdaEvent): unknown {
  return event.kind === 'batch' ? event.messages.map(({ inputs }) => inputs()) : undefined;
}
