import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../adapter/http/message.ts';
import type { PlatformClient } from './platform-client.ts';
import type { TestModel } from './platform-models.ts';
import type { PlatformSuite } from './platform-suite.ts';

/**
 * The contract of every platform whose functions have a URL: what a service pushes there is opened, and the model gets
 * its content, with every kind of model server. All envelopes are tested on plain HTTP
 * (test/adapter/platforms/_push/push.test.ts); these are those that differ in how they arrive.
 */
export function testPushes(suites: readonly PlatformSuite[], models: readonly TestModel[]): void {
  for (const suite of suites) {
    for (const model of models) {
      describe(`${suite.name} opens pushed events for ${model.name}`, () => {
        testModel(suite, model);
      });
    }
  }
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers: readonly Header[];
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string | undefined;
  readonly header: (name: string) => string | undefined;
}

function testModel({ start }: PlatformSuite, model: TestModel): void {
  let client: PlatformClient | undefined;
  beforeAll(async () => {
    const { row, environment } = await model.create();
    client = await start({ ...row, predict: { path: '/mirror', input: { kind: 'json' } } }, environment);
  });
  afterAll(() => client?.close());

  const send = async ({ method = 'POST', path = '/', headers, body = '' }: Sent): Promise<Answer> => {
    if (client === undefined) throw new Error('the adapter did not start');
    const sent = { method, path, query: '', headers, body: Buffer.from(body), timeLimit: 30_000 };
    const reply = await client.send(sent);
    const header = (name: string): string | undefined =>
      reply.headers.find(([each]) => each.toLowerCase() === name)?.[1];
    return { status: reply.status, text: Buffer.from(reply.body).toString(), type: header('content-type'), header };
  };

  for (const [name, headers, body] of pushes) {
    test.each(['/', '/mirror'])(`${name}, to %s: the model gets its content`, async (path) => {
      const { status, text, type } = await send({ path, headers, body });
      expect({ status, text, type: type?.replace(/;.*/, '') }).toEqual({
        status: 200,
        text: input,
        type: 'application/json',
      });
    });
  }

  test('the reply to a CloudEvent is one', async () => {
    const reply = await send({ headers: cloudEvent('com.example.picture'), body: input });
    expect([reply.header('ce-type'), reply.header('ce-source')]).toEqual([
      'dev.modelwhisk.prediction',
      '/modelwhisk/echo',
    ]);
  });

  test('an event without new data gets an empty reply, and never reaches the model', async () => {
    const body = JSON.stringify({ Records: [{ ...s3, eventName: 'ObjectRemoved:Delete' }] });
    expect(await send({ headers: asJson, body })).toMatchObject({ status: 204, text: '' });
  });

  test('an envelope without an input is refused by name', async () => {
    const body = JSON.stringify({ 'detail-type': 'State-change', source: 'aws.ec2', detail: {} });
    const { status, text } = await send({ headers: asJson, body });
    expect([status, text]).toEqual([400, expect.stringContaining("an event of EventBridge's")]);
  });

  test('an envelope on another route is the model server’s', async () => {
    const [, , body] = pubSub;
    expect((await send({ path: '/echo/x', headers: asJson, body })).text).toContain(`"length":${body.length}`);
  });

  test('questions before deliveries are answered: OPTIONS, the code of Event Grid, the subscription of SNS', async () => {
    const asked = await send({ method: 'OPTIONS', headers: [['WebHook-Request-Origin', 'eventgrid.example']] });
    expect([asked.status, asked.header('webhook-allowed-origin')]).toEqual([200, 'eventgrid.example']);
    const validation = gridEvent('Microsoft.EventGrid.SubscriptionValidationEvent', '{"validationCode":"c0de"}');
    const validated = await send({ headers: asJson, body: validation });
    expect([validated.status, validated.text.trim()]).toEqual([200, '{"validationResponse":"c0de"}']);
    const subscription = { Type: 'SubscriptionConfirmation', TopicArn, SubscribeURL: 'https://evil.example/?Token=t' };
    const refused = await send({ headers: asText, body: JSON.stringify(subscription) });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('expected one of SNS')]);
  });
}

const input = '{"n":1}';
const asJson: readonly Header[] = [['Content-Type', 'application/json']];
const asText: readonly Header[] = [['Content-Type', 'text/plain; charset=UTF-8']];

function cloudEvent(type: string): readonly Header[] {
  const attributes = { specversion: '1.0', id: '1', source: '/source', type };
  return [...asJson, ...Object.entries(attributes).map(([name, value]): Header => [`ce-${name}`, value])];
}

function gridEvent(type: string, data: string): string {
  return `[{"id":"1","subject":"/s","eventType":"${type}","eventTime":"2026-01-01T00:00:00Z","data":${data},"dataVersion":""}]`;
}

const TopicArn = 'arn:aws:sns:eu-west-1:1:t';
const s3 = { eventVersion: '2.1', eventSource: 'aws:s3', s3: { bucket: { name: 'bucket' }, object: { key: 'a.png' } } };
const data = Buffer.from(input).toString('base64');
const message = { data, attributes: {}, messageId: '1', publishTime: '2026-01-01T00:00:00Z' };
const pushed = JSON.stringify({ message, subscription: 'projects/p/subscriptions/s' });

type Push = readonly [name: string, headers: readonly Header[], body: string];
const pubSub: Push = ['Pub/Sub', asJson, pushed];
const pushes: readonly Push[] = [
  pubSub,
  ['Pub/Sub by Eventarc', cloudEvent('google.cloud.pubsub.topic.v1.messagePublished'), pushed],
  [
    'SNS, which calls it text',
    asText,
    JSON.stringify({ Type: 'Notification', MessageId: '1', TopicArn, Message: input }),
  ],
  ['SNS, raw', [...asText, ['x-amz-sns-rawdelivery', 'true']], input],
  ['Pub/Sub, unwrapped', [['x-goog-pubsub-subscription-name', 'projects/p/subscriptions/s']], input],
  ['EventBridge', asJson, `{"detail-type":"t","source":"own","detail":${input}}`],
  ['Event Grid', asJson, gridEvent('Own.Type', input)],
  ['a CloudEvent in binary mode', cloudEvent('com.example.numbers'), input],
  [
    'a CloudEvent in structured mode',
    [['Content-Type', 'application/cloudevents+json']],
    `{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":"application/json","data":${input}}`,
  ],
];
