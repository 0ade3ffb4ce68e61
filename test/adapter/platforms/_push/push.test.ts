import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import type { ClientReply } from '../../../contract/platform-client.ts';
import type { ChildProcess } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from '../http/start.ts';
import { echoServer } from '../../echo-server.ts';

const file = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
const predict = { path: '/model/predict' };
const named = { name: 'echo', title: 'Echo', image: 'me/echo', server: echoServer };

/** What the adapter fetched: it stands for SNS, for a public web server and for an object store. */
const fetched: string[] = [];
const web = createServer(({ url = '' }, outgoing) => {
  fetched.push(url);
  outgoing.end('a file');
});

let host: string;
let json: { readonly port: number; readonly adapter: ChildProcess };
let files: typeof json;
beforeAll(async () => {
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  host = `127.0.0.1:${(web.address() as AddressInfo).port}`;
  const environment = {
    MODELWHISK_FETCH_ALLOW_HOSTS: host,
    AWS_ENDPOINT_URL_S3: `http://${host}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
  };
  [json, files] = await Promise.all([
    startOnPort({ ...named, predict: { ...predict, input: { kind: 'json' } } }, environment),
    startOnPort({ ...named, predict: { ...predict, input: file } }, environment),
  ]);
});
afterAll(async () => {
  await Promise.all([json.adapter.stop(), files.adapter.stop()]);
  web.close();
});

interface Sent {
  readonly to?: { readonly port: number };
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly Header[];
}

async function send(body: unknown, { to = json, method = 'POST', path = '/', headers = asJson }: Sent = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const reply = await sendHttp(to.port, { method, path, query: '', headers, body: bytes });
  return { ...reply, text: Buffer.from(reply.body).toString() };
}

/** What the model server got. */
function seen({ text }: { readonly text: string }): { url: string; body: string } {
  const { url, body } = JSON.parse(text) as { url: string; body: string };
  return { url, body: Buffer.from(body, 'base64').toString() };
}

function header({ headers }: ClientReply, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

const asJson: readonly Header[] = [['Content-Type', 'application/json']];
const asText: readonly Header[] = [['Content-Type', 'text/plain; charset=UTF-8']];

function cloudEvent(type: string): readonly Header[] {
  const attributes = { specversion: '1.0', id: '1', source: '/source', type };
  return [...asJson, ...Object.entries(attributes).map(([name, value]): Header => [`ce-${name}`, value])];
}

const subscription = 'projects/p/subscriptions/s';
const unwrapped: readonly Header[] = [
  ['x-goog-pubsub-subscription-name', subscription],
  ['x-goog-pubsub-message-id', '1'],
];
const pubSub = (data: string, attributes: object = {}) => ({
  message: {
    data: Buffer.from(data).toString('base64'),
    attributes,
    messageId: '1',
    publishTime: '2026-01-01T00:00:00Z',
  },
  subscription,
});
const sns = (Message: string) => ({
  Type: 'Notification',
  MessageId: '1',
  TopicArn: 'arn:aws:sns:eu-west-1:1:t',
  Message,
});
const bridge = (source: string, type: string, detail: object) => ({
  version: '0', id: '1', 'detail-type': type, source, account: '1', time: '2026-01-01T00:00:00Z', region: 'eu-west-1', resources: [], detail,
}); // prettier-ignore
const s3 = (eventName: string, versionId?: string) => ({
  eventVersion: '2.1', eventSource: 'aws:s3', eventName, s3: { bucket: { name: 'bucket' }, object: { key: 'a+b.png', versionId } },
}); // prettier-ignore
const grid = (eventType: string, data: object) => [
  { id: '1', subject: '/s', eventType, eventTime: '2026-01-01T00:00:00Z', data, dataVersion: '' },
];

const input = '{"n":1.0}';

describe('an envelope that a service pushes is opened', () => {
  test.each<[string, unknown, readonly Header[]]>([
    ['Pub/Sub', pubSub(input), asJson],
    ['Pub/Sub through Eventarc', pubSub(input), cloudEvent('google.cloud.pubsub.topic.v1.messagePublished')],
    ['SNS, which calls it text', sns(input), asText],
    ['SNS, raw', input, [...asText, ['x-amz-sns-rawdelivery', 'true']]],
    ['an application by EventBridge', `{"detail-type":"t","source":"own","detail":${input}}`, asJson],
    [
      'an application by Event Grid',
      JSON.stringify(grid('Own.Type', {})).replace('"data":{}', `"data":${input}`),
      asJson,
    ],
    ['Kafka by Knative', input, cloudEvent('dev.knative.kafka.event')],
    [
      'a CloudEvent sent as plain JSON',
      `{"specversion":"1.0","id":"1","source":"/","type":"t","data":${input}}`,
      asJson,
    ],
    ['SNS inside of Pub/Sub', pubSub(JSON.stringify(sns(input))), asJson],
  ])('%s: the model gets its content, byte for byte', async (_title, envelope, headers) => {
    expect(seen(await send(envelope, { headers }))).toEqual({ url: '/model/predict', body: input });
    expect(seen(await send(envelope, { headers, path: '/model/predict' })).body).toBe(input);
  });

  test.each<[string, () => unknown, readonly Header[], string]>([
    ['a URL by Pub/Sub', () => pubSub(`http://${host}/url`), asJson, '/url'],
    ['a URL by SNS, raw', () => `http://${host}/url`, [...asText, ['x-amz-sns-rawdelivery', 'true']], '/url'],
    ['a URL by Pub/Sub, unwrapped', () => `http://${host}/url`, unwrapped, '/url'],
    ['a URL by SNS', () => sns(`http://${host}/url`), asText, '/url'],
    [
      'a new blob by Event Grid',
      () => grid('Microsoft.Storage.BlobCreated', { url: `http://${host}/blob` }),
      asJson,
      '/blob',
    ],
    ['an S3 event', () => ({ Records: [s3('ObjectCreated:Put', 'v1')] }), asJson, '/bucket/a%20b.png?versionId=v1'],
    [
      'an S3 event of MinIO',
      () => ({
        EventName: 's3:ObjectCreated:Put',
        Key: 'b/a b.png',
        Records: [{ ...s3('s3:ObjectCreated:Put', 'v1'), eventSource: 'minio:s3' }],
      }),
      asJson,
      '/bucket/a%20b.png?versionId=v1',
    ],
    [
      'an S3 event by SNS',
      () => sns(JSON.stringify({ Records: [s3('ObjectCreated:Put', 'v1')] })),
      asText,
      '/bucket/a%20b.png?versionId=v1',
    ],
    [
      'one record of S3 as a CloudEvent',
      () => s3('ObjectCreated:Put', 'v1'),
      cloudEvent('com.amazonaws.s3.ObjectCreated:Put'),
      '/bucket/a%20b.png?versionId=v1',
    ],
    [
      'S3 by EventBridge',
      () =>
        bridge('aws.s3', 'Object Created', {
          bucket: { name: 'bucket' },
          object: { key: 'a b.png', 'version-id': 'v1' },
        }),
      asJson,
      '/bucket/a%20b.png?versionId=v1',
    ],
    [
      "IBM's object storage",
      () => ({ bucket: 'bucket', key: 'a b.png', operation: 'Object:Write' }),
      cloudEvent('com.ibm.cloud.cos.document.write'),
      '/bucket/a%20b.png',
    ],
  ])('%s names the file of a model that takes one', async (_title, envelope, headers, path) => {
    fetched.length = 0;
    const { body } = seen(await send(envelope(), { headers, to: files }));
    expect(body).toMatch(/name="image"[^]*\r\n\r\na file\r\n/);
    expect(fetched.map((url) => url.replace(/[?&]x-id=GetObject/, ''))).toEqual([path]);
  });

  test('several inputs have several results, in their order', async () => {
    const { status, text } = await send({ Records: [s3('ObjectCreated:Put'), s3('ObjectCreated:Copy', 'v1')] });
    const results = (JSON.parse(text) as { body: string }[]).map(({ body }) => Buffer.from(body, 'base64').toString());
    expect([status, results]).toEqual([
      200,
      ['{"bucket":"bucket","key":"a b.png"}', '{"bucket":"bucket","key":"a b.png","versionId":"v1"}'],
    ]);
  });

  test('one of several that fails has the status of the whole', async () => {
    const events = [...grid('Own.Type', { image_base64: 'iVA=' }), ...grid('Own.Type', { n: 1 })];
    const { status, text } = await send(events, { to: files });
    expect([status, JSON.parse(text)]).toMatchObject([400, [{ method: 'POST' }, { error: { statusCode: 400 } }]]);
  });
});

describe('an envelope without an input never reaches the model', () => {
  test.each<[string, unknown, readonly Header[]]>([
    ['an object that was removed', { Records: [s3('ObjectRemoved:Delete')] }, asJson],
    ['a blob that was deleted', grid('Microsoft.Storage.BlobDeleted', { url: 'https://x/' }), asJson],
    ['an object of Cloud Storage that was archived', {}, cloudEvent('google.cloud.storage.object.v1.archived')],
    [
      'a deletion of Cloud Storage by Pub/Sub',
      pubSub('{}', { eventType: 'OBJECT_DELETE', bucketId: 'b', objectId: 'o' }),
      asJson,
    ],
    [
      'a deletion of Cloud Storage by Pub/Sub, unwrapped',
      { kind: 'storage#object' },
      [...unwrapped, ['eventType', 'OBJECT_DELETE'], ['bucketId', 'b'], ['objectId', 'o']],
    ],
    ["a deletion in IBM's object storage", { bucket: 'b', key: 'k' }, cloudEvent('com.ibm.cloud.cos.document.delete')],
  ])('%s is accepted with an empty reply', async (_title, envelope, headers) => {
    expect(await send(envelope, { headers })).toMatchObject({ status: 204, text: '' });
  });

  test.each<[string, unknown, readonly Header[], string]>([
    [
      'of another service by EventBridge',
      bridge('aws.ec2', 'State-change', {}),
      asJson,
      `an event of EventBridge's "State-change" of aws.ec2`,
    ],
    [
      'of another service by Event Grid',
      grid('Microsoft.Resources.ResourceWriteSuccess', {}),
      asJson,
      'an event Microsoft.Resources.ResourceWriteSuccess of Event Grid',
    ],
    [
      'of another service by Eventarc',
      {},
      cloudEvent('google.cloud.audit.log.v1.written'),
      'an event google.cloud.audit.log.v1.written',
    ],
    [
      'of Kubernetes by Knative',
      {},
      cloudEvent('dev.knative.apiserver.resource.add'),
      'an event dev.knative.apiserver.resource.add',
    ],
    ['of a queue by a pipe', { messageId: '1', body: '{}', eventSource: 'aws:sqs' }, asJson, 'an event of aws:sqs'],
    [
      'of Firehose',
      { requestId: '1', timestamp: 1, records: [] },
      [...asJson, ['X-Amz-Firehose-Request-Id', '1']],
      'a delivery of Data Firehose',
    ],
    [
      'without data, of Pub/Sub',
      { message: { messageId: '1' }, subscription },
      asJson,
      'a message of Pub/Sub without data',
    ],
  ])('one %s is refused by name', async (_title, envelope, headers, name) => {
    const { status, text } = await send(envelope, { headers });
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      { code: 'EVENT', message: `${name} has no input for the model` },
    ]);
  });

  test.each([
    ['Pub/Sub', { message: { data: '~', messageId: '1' }, subscription }],
    ['S3', { Records: [{ eventSource: 'aws:s3', s3: {} }] }],
  ])('a malformed one of %s is refused', async (service, envelope) => {
    const { status, text } = await send(envelope);
    expect([status, text]).toEqual([400, expect.stringContaining(`the ${service} event is malformed at`)]);
  });
});

describe('questions of a service before its deliveries are answered', () => {
  test.each(['/', '/model/predict'])('CloudEvents: OPTIONS %s gets the permission', async (path) => {
    const asked: Header[] = [
      ['WebHook-Request-Origin', 'eventgrid.example'],
      ['WebHook-Request-Rate', '120'],
    ];
    const reply = await send('', { method: 'OPTIONS', path, headers: asked });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(header(reply, 'webhook-allowed-origin')).toBe('eventgrid.example');
    expect(header(reply, 'webhook-allowed-rate')).toBe('*');
    expect(header(reply, 'allow')).toBe('POST');
  });

  test('CloudEvents: a rate is granted only if requested', async () => {
    const reply = await send('', { method: 'OPTIONS', headers: [['WebHook-Request-Origin', 'a.example']] });
    expect(header(reply, 'webhook-allowed-rate')).toBeUndefined();
  });

  test.each<[string, string, readonly Header[]]>([
    ['without the question', '/model/predict', []],
    ['elsewhere', '/other', [['WebHook-Request-Origin', 'a.example']]],
  ])('OPTIONS %s is the model server’s', async (_title, path, headers) => {
    expect(seen(await send('', { method: 'OPTIONS', path, headers })).url).toBe(path);
  });

  test('Event Grid gets its code back', async () => {
    const event = grid('Microsoft.EventGrid.SubscriptionValidationEvent', {
      validationCode: 'c0de',
      validationUrl: 'https://x',
    });
    const { status, text } = await send(event, { headers: [...asJson, ['aeg-event-type', 'SubscriptionValidation']] });
    expect([status, JSON.parse(text)]).toEqual([200, { validationResponse: 'c0de' }]);
  });

  const TopicArn = 'arn:aws:sns:eu-west-1:1:t';

  test('SNS: the subscription is confirmed at its URL', async () => {
    fetched.length = 0;
    const SubscribeURL = `http://${host}/?Action=ConfirmSubscription&Token=t`;
    const { status, text } = await send(
      { Type: 'SubscriptionConfirmation', Token: 't', TopicArn, SubscribeURL },
      { headers: [...asText, ['x-amz-sns-message-type', 'SubscriptionConfirmation']] },
    );
    expect([status, JSON.parse(text)]).toEqual([200, { message: `confirmed the subscription to ${TopicArn}` }]);
    expect(fetched).toEqual(['/?Action=ConfirmSubscription&Token=t']);
  });

  test.each(['https://evil.example/?Token=t', 'http://sns.eu-west-1.amazonaws.com/', 'https://sns.evil.example/', 'x'])(
    'SNS: a subscription is not confirmed at %s',
    async (SubscribeURL) => {
      const { status, text } = await send(
        { Type: 'SubscriptionConfirmation', TopicArn, SubscribeURL },
        { headers: asText },
      );
      expect([status, text]).toEqual([403, expect.stringContaining('expected one of SNS')]);
    },
  );

  test('SNS: the end of a subscription is taken note of', async () => {
    const SubscribeURL = `http://${host}/again`;
    fetched.length = 0;
    const { status } = await send({ Type: 'UnsubscribeConfirmation', TopicArn, SubscribeURL }, { headers: asText });
    expect([status, fetched]).toEqual([200, []]);
  });
});

test('an unwrapped message is opened although its text comes after its head', async () => {
  const outgoing = httpRequest({ port: files.port, method: 'POST', headers: { 'content-type': 'text/plain', 'x-amz-sns-rawdelivery': 'true' }, agent: false }); // prettier-ignore
  outgoing.flushHeaders();
  await once(outgoing, 'socket');
  setTimeout(() => outgoing.end(`http://${host}/url`), 100);
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
  expect(seen({ text: await textOf(reply) }).body).toMatch(/name="image"/);
});

describe('a body that is not an envelope passes unchanged', () => {
  test.each([
    '{"n":1.0, "n":2}',
    '{"message":{"role":"user"},"subscription":1}',
    '{"Records":[1]}',
    '{"eventType":"x"}',
    '{"Type":"Notification"}',
    '["specversion"]',
    '{"subscription": ',
  ])('%s', async (body) => {
    expect(seen(await send(body, { path: '/model/predict' })).body).toBe(body);
  });

  test('and so does an envelope on another route', async () => {
    const body = JSON.stringify(pubSub(input));
    expect(seen(await send(body, { path: '/other' }))).toEqual({ url: '/other', body });
  });
});

test.each([
  ['a byte', 1],
  ['white space', 3],
  ['half of it', 150],
])('an envelope is opened also when it arrives in parts, the first of them %s', async (_what, length) => {
  const body = `   ${JSON.stringify(pubSub(input))}`;
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const outgoing = httpRequest({ port: json.port, method: 'POST', path: '/', headers });
  outgoing.write(body.slice(0, length));
  await once(outgoing, 'socket');
  // The first part has arrived when another call is answered.
  await send('{}', { path: '/other' });
  outgoing.end(body.slice(length));
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  expect(seen({ text: await textOf(incoming) })).toEqual({ url: '/model/predict', body: input });
});
