import { describe, expect, test } from 'vitest';
import { writeObject } from '../../../../adapter/json/exact.ts';
import { readInvocation } from '../../../../adapter/platforms/azure/invocation.ts';

function read(Data: unknown, Metadata: unknown = {}, functionName = 'classify'): unknown {
  // Compared as JSON, because numbers, arrays and objects are JsonText.
  return JSON.parse(JSON.stringify(readInvocation(Buffer.from(JSON.stringify({ Data, Metadata })), functionName)));
}

/** One message or event, whose input is a text or the parameters. */
function one(content: string | object): object {
  const input = typeof content === 'string' ? { kind: 'text', text: content } : parameters(content);
  return { kind: 'inputs', isBatch: false, inputs: [input] };
}

function parameters(value: unknown): object {
  return { kind: 'parameters', parameters: value };
}

const req = { Url: 'http://localhost:7071/api/model/predict', Method: 'GET', Headers: {} };
const connection = { url: 'https://hub.service.signalr.net/client/?hub=results', accessToken: 'ey.J0' };
const url = 'https://example.com/7.png';

describe('readInvocation', () => {
  test.each([
    ['an HTTP request', { req }, { kind: 'http', trigger: req }],
    ['one among other inputs', { document: { id: 1 }, req }, { kind: 'http', trigger: req }],
    ['a negotiation', { req, connectionInfo: connection }, { kind: 'negotiate', connection }],
    ['one as text', { req, info: JSON.stringify(JSON.stringify(connection)) }, { kind: 'negotiate', connection }],
    ['plain text, which the host writes as JSON', { image: JSON.stringify(url) }, one(url)],
    ['plain text as it is', { image: url }, one(url)],
    ['a text that is JSON in JSON', { image: JSON.stringify(JSON.stringify({ url })) }, one({ url })],
    ['an object', { image: { url } }, one({ url })],
    ['a number, which is left as text', { image: JSON.stringify('17') }, one('17')],
    ['JSON with an error in it', { image: JSON.stringify('{"url": ') }, one('{"url": ')],
  ])('knows %s', (_title, data, expected) => {
    expect(read(data, { DequeueCount: '1', Properties: {}, Uri: '""' })).toEqual(expected);
  });

  test.each([
    ['an object', '{"n": 1.0, "big": [12345678901234567890]}'],
    ['a text of JSON', JSON.stringify('{"n": 1.0, "big": [12345678901234567890]}')],
    ['a text of JSON in JSON', JSON.stringify(JSON.stringify('{"n": 1.0, "big": [12345678901234567890]}'))],
  ])('keeps every digit of %s', (_title, message) => {
    const body = Buffer.from(`{"Data":{"image":${message}},"Metadata":{"DequeueCount":"1"}}`);
    const { inputs } = readInvocation(body, 'classify') as { inputs: readonly { parameters: object }[] };
    const entries = Object.entries(inputs[0]?.parameters ?? {});
    expect(writeObject(entries)).toBe('{"n":1.0,"big":[12345678901234567890]}');
  });

  test('recognises a blob by its metadata, with its URL', () => {
    const metadata = {
      Uri: '"https://store.blob.core.windows.net/images/7.png"',
      Properties: { Length: 3 },
      name: '"7.png"',
    };
    const blob = { kind: 'blob', base64: 'iVBO', url: 'https://store.blob.core.windows.net/images/7.png' };
    expect(read({ image: 'iVBO' }, metadata)).toEqual({ kind: 'inputs', isBatch: false, inputs: [blob] });
  });

  test('refuses a blob that the host has read as text', () => {
    const metadata = { Uri: '""', Properties: {} };
    expect(() => read({ image: JSON.stringify('\uFFFDPNG') }, metadata)).toThrow(
      expect.objectContaining({
        status: 415,
        hint: expect.stringContaining('"dataType": "binary"') as string,
      }) as Error,
    );
  });

  test.each([
    ['no JSON', 'name=value', "the function host's call is not JSON"],
    ['no object', '[]', "the function host's call has no Data object"],
    ['without Data', '{"Metadata":{}}', "the function host's call has no Data object"],
    ['with empty Data', '{"Data":{},"Metadata":{}}', 'the invocation has no Data'],
  ])('refuses a body that is %s', (_title, body, message) => {
    expect(() => readInvocation(Buffer.from(body), 'classify')).toThrow(
      expect.objectContaining({ status: 400, message }) as Error,
    );
  });
});

/** Text of a binding with `dataType: binary`, as the host writes it. */
function binary(text: string): string {
  return Buffer.from(text).toString('base64');
}

const blobUrl = 'https://store.blob.core.windows.net/images/7.png';
const common = { id: '1', subject: '/blobServices/default', eventTime: '2026-01-01T00:00:00Z', dataVersion: '' };
const created = { ...common, eventType: 'Microsoft.Storage.BlobCreated', data: { api: 'PutBlob', url: blobUrl } };
const asCloudEvent = {
  specversion: '1.0',
  id: '1',
  source: '/subscriptions/1',
  type: created.eventType,
  data: created.data,
};
const ownEvent = { ...common, eventType: 'Shop.ImageUploaded', data: { image_url: url, n: 1 } };
const hub = { PartitionContext: {}, SequenceNumberArray: '[1,2]', PropertiesArray: '[{},{}]' };
const kafka = {
  Offset: 1,
  Partition: 0,
  Topic: 'images',
  Timestamp: '2026-01-01',
  Value: `{"url":"${url}"}`,
  Headers: [],
};
const cosmos = { id: '1', url, _rid: 'a', _self: 'b', _etag: 'c', _attachments: 'd', _ts: 1, _lsn: 2 };

describe('the envelopes of triggers', () => {
  test.each([
    ['a binary message that names a URL', binary(url), { DequeueCount: '1' }, [{ kind: 'text', text: url }]],
    ['a binary message of JSON', binary(`{"url":"${url}"}`), { DequeueCount: '1' }, [parameters({ url })]],
    [
      'a binary message that is a file',
      Buffer.from('\x89PNG', 'latin1').toString('base64'),
      { DequeueCount: '1' },
      [{ kind: 'bytes', bytes: { type: 'Buffer', data: [0x89, 0x50, 0x4e, 0x47] } }],
    ],
    ['a new blob, told by Event Grid', created, {}, [{ kind: 'url', url: blobUrl }]],
    ['a new blob, told by Event Grid as a CloudEvent', asCloudEvent, {}, [{ kind: 'url', url: blobUrl }]],
    ['a blob that was deleted', { ...created, eventType: 'Microsoft.Storage.BlobDeleted' }, {}, []],
    ["an application's own event", ownEvent, {}, [parameters({ image_url: url, n: 1 })]],
    [
      'an event of Event Grid in a queue',
      JSON.stringify(JSON.stringify(created)),
      { DequeueCount: '1' },
      [{ kind: 'url', url: blobUrl }],
    ],
    [
      'a message of Service Bus',
      JSON.stringify(`{"url":"${url}"}`),
      { DeliveryCount: '1', MessageId: '"1"' },
      [parameters({ url })],
    ],
    [
      'an event of an Event Hub',
      JSON.stringify(url),
      { SequenceNumber: '1', PartitionContext: {} },
      [{ kind: 'text', text: url }],
    ],
    ['an array in a queue, which is one message', JSON.stringify('[1]'), { DequeueCount: '1' }, [parameters([1])]],
    ['a record of Kafka', kafka, {}, [parameters({ url })]],
    ['a record of Kafka as text', JSON.stringify(JSON.stringify(kafka)), {}, [parameters({ url })]],
  ])('%s', (_title, value, metadata, inputs) => {
    expect(read({ event: value }, metadata)).toEqual({ kind: 'inputs', isBatch: false, inputs });
  });

  test.each([
    ['texts of an Event Hub', [url, `{"n":1}`], hub, [{ kind: 'text', text: url }, parameters({ n: 1 })]],
    [
      'binary events of an Event Hub',
      [binary(url), binary('{"n":1}')],
      hub,
      [{ kind: 'text', text: url }, parameters({ n: 1 })],
    ],
    [
      'objects of Service Bus',
      [{ url }, { n: 1 }],
      { MessageIdArray: '["1","2"]' },
      [parameters({ url }), parameters({ n: 1 })],
    ],
    ['events of Event Grid', [created, ownEvent], {}, [{ kind: 'url', url: blobUrl }, parameters(ownEvent.data)]],
    ['records of Kafka', [JSON.stringify(kafka)], {}, [parameters({ url })]],
    ['documents of Cosmos DB', [cosmos], {}, [parameters({ id: '1', url })]],
    [
      'rows of Azure SQL',
      [
        { Operation: 0, Item: { url } },
        { Operation: 2, Item: { url } },
      ],
      {},
      [parameters({ url })],
    ],
  ])('a batch: %s', (_title, values, metadata, inputs) => {
    expect(read({ events: JSON.stringify(values) }, metadata)).toEqual({ kind: 'inputs', isBatch: true, inputs });
  });

  test.each([
    ['a timer', { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }, 'the event of a timer'],
    [
      'SignalR',
      { Hub: 'h', Category: 'messages', Event: 'send', ConnectionId: '1', Arguments: [] },
      'an event of SignalR',
    ],
    ['Web PubSub', { ConnectionContext: { Hub: 'h' }, Data: 'x' }, 'an event of Web PubSub'],
    ['Redis', { SubscriptionChannel: 'a', Channel: 'a', Message: 'x' }, 'an event of Redis'],
    ['an orchestration', { history: [], instanceId: '1' }, 'the event of a durable orchestration'],
    ['Azure Monitor', { schemaId: 'azureMonitorCommonAlertSchema', data: {} }, 'an alert of Azure Monitor'],
    [
      'another service',
      { ...created, eventType: 'Microsoft.Resources.ResourceWriteSuccess' },
      'an event Microsoft.Resources.ResourceWriteSuccess of Event Grid',
    ],
  ])('refuses the envelope of %s by name', (_title, value, name) => {
    const { inputs } = readInvocation(Buffer.from(JSON.stringify({ Data: { event: value }, Metadata: {} })), 'run') as {
      inputs: readonly { error: Error }[];
    };
    expect(inputs.map(({ error }) => error.message)).toEqual([`${name} has no input for the model`]);
  });

  test('knows the warm-up by the name that its function must have', () => {
    expect(read({ context: {} }, {}, 'Warmup')).toEqual({ kind: 'warm-up' });
  });
});
