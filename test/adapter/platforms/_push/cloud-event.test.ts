import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isCloudEvent, readCloudEvent, type CloudEvent } from '../../../../adapter/platforms/_push/cloud-event.ts';
import { asReplyEvent } from '../../../../adapter/platforms/_push/reply-event.ts';
import type { Header, WholeResponse } from '../../../../adapter/http/message.ts';
import { requestOf } from '../../../contract/suite.ts';
import { boundary, multipart, png } from '../../../contract/bodies.ts';
import type { ChildProcess } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from '../http/start.ts';
import { echoServer } from '../../echo-server.ts';

const attributes = { specversion: '1.0', id: '1', source: '/camera', type: 'com.example.picture' };
const attributeHeaders: Header[] = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]);

function binary(headers: readonly Header[], body: string | Uint8Array = ''): CloudEvent | undefined {
  const request = requestOf({ method: 'POST', headers, body: Buffer.from(body) });
  return isCloudEvent(request) ? readCloudEvent(request) : undefined;
}

function structured(event: unknown, type = 'application/cloudevents+json'): CloudEvent | undefined {
  return binary([['Content-Type', type]], typeof event === 'string' ? event : JSON.stringify(event));
}

describe('readCloudEvent', () => {
  test('binary mode: the body is the data, its type the Content-Type', () => {
    const event = binary([['Content-Type', 'image/png'], ...attributeHeaders, ['Accept', '*/*']], png);
    expect(event).toEqual({ attributes: attributeHeaders, contentType: 'image/png', data: png });
  });

  test.each([
    ['base64', { data_base64: png.toString('base64'), datacontenttype: 'image/png' }, png, 'image/png'],
    ['JSON without a type', { data: { a: [1, null] } }, Buffer.from('{"a":[1,null]}'), 'application/json'],
    [
      'JSON under a type of its own',
      { data: 'text', datacontenttype: 'application/geo+json' },
      Buffer.from('"text"'),
      'application/geo+json',
    ],
    ['text', { data: 'naïve', datacontenttype: 'text/plain' }, Buffer.from('naïve'), 'text/plain'],
    ['no data', {}, Buffer.alloc(0), undefined],
    ['null', { data: null }, Buffer.alloc(0), undefined],
  ])('structured mode: %s', (_title, members, data, contentType) => {
    const event = structured({ ...attributes, ...members });
    expect({ ...event, data: Buffer.from(event?.data ?? []) }).toEqual({
      attributes: attributeHeaders,
      contentType,
      data,
    });
  });

  test('structured mode: JSON stays as it was written, with every digit of a number', () => {
    const event = structured(
      `{"specversion":"1.0","id":"1","source":"/","type":"t","data":[12345678901234567890, 1.0]}`,
    );
    expect(Buffer.from(event?.data ?? []).toString()).toBe('[12345678901234567890, 1.0]');
  });

  test('structured mode: attributes are percent-encoded as headers must be', () => {
    const event = structured({ ...attributes, subject: 'Zoë "1" 100%', sequence: 7, nothing: null });
    expect(event?.attributes.slice(4)).toEqual([
      ['ce-subject', 'Zo%C3%AB%20%221%22%20100%25'],
      ['ce-sequence', '7'],
    ]);
  });

  test.each([
    ['a request without attributes', [['Content-Type', 'application/json']]],
    ['attributes without a version', [['ce-id', '1']]],
  ] as [string, Header[]][])('%s is no event', (_title, headers) => {
    expect(binary(headers)).toBeUndefined();
  });

  test.each([
    ['not JSON', '{', 400, 'the event is not JSON'],
    ['no object', [1], 400, 'the event is [1]; expected an object'],
    ['both kinds of data', { ...attributes, data: 1, data_base64: 'AA==' }, 400, 'both "data" and "data_base64"'],
    ['invalid base64', { ...attributes, data_base64: '~' }, 400, '"data_base64" is not base64'],
    [
      'a type that is not a text',
      { ...attributes, datacontenttype: 1 },
      400,
      'datacontenttype is 1; expected a string',
    ],
    ['a type with a line end', { ...attributes, datacontenttype: 'text/plain\r\nx: y' }, 400, 'expected a media type'],
    ['an attribute that is an object', { ...attributes, where: {} }, 400, 'where is {}; expected a string'],
    ['an attribute with an invalid name', { ...attributes, 'a b': '' }, 400, '"a b" has an invalid name'],
    ['another version', { ...attributes, specversion: '0.3' }, 400, 'specversion is "0.3"; expected "1.0"'],
    ['no source', { ...attributes, source: '' }, 400, 'the event has no source'],
  ])('refuses %s', (_title, event, status, message) => {
    expect(() => structured(event)).toThrow(
      expect.objectContaining({ status, message: expect.stringContaining(message) as string }) as Error,
    );
  });

  test.each(['application/cloudevents-batch+json', 'application/cloudevents+protobuf'])(
    'refuses %s with 415',
    (type) => {
      expect(() => structured([], type)).toThrow(expect.objectContaining({ status: 415 }) as Error);
    },
  );
});

function response(change: Partial<WholeResponse>): WholeResponse {
  return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from('{}'), ...change };
}

describe('asReplyEvent', () => {
  const event: CloudEvent = {
    attributes: [...attributeHeaders, ['ce-subject', 'a.png'], ['ce-traceparent', '00-1-2-01'], ['ce-other', 'x']],
    contentType: 'image/png',
    data: png,
  };

  test('a reply with a body becomes a new event about the same subject', () => {
    const { headers, body, status } = asReplyEvent(response({}), event, 'digits');
    expect([status, body]).toEqual([200, Buffer.from('{}')]);
    const { 'ce-id': id, ...others } = Object.fromEntries(headers);
    expect(others).toEqual({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-source': '/modelwhisk/digits',
      'ce-type': 'dev.modelwhisk.prediction',
      'ce-subject': 'a.png',
      'ce-traceparent': '00-1-2-01',
    });
    expect(id).not.toBe('1');
  });

  test.each([
    ['a failure', { status: 500 }],
    ['no body', { body: Buffer.alloc(0) }],
    ['a binary event of the model server', { headers: [['ce-specversion', '1.0']] }],
    ['a structured event of the model server', { headers: [['Content-Type', 'application/cloudevents+json']] }],
  ] as [string, Partial<WholeResponse>][])('%s stays as it is', (_title, change) => {
    const given = response(change);
    expect(asReplyEvent(given, event, 'digits')).toBe(given);
  });
});

describe('an event sent to the adapter', () => {
  const base = {
    name: 'echo',
    title: 'Echo',
    image: 'me/echo',
    server: echoServer,
  };
  const file = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
  const running = new Map<string, { port: number; adapter: ChildProcess }>();
  beforeAll(async () => {
    for (const [name, predict] of Object.entries({
      file: { path: '/predict', input: file, parameters: [{ name: 'threshold' }] },
      json: { path: '/predict', input: { kind: 'json' } },
      query: { path: '/predict', method: 'GET', input: { kind: 'query' } },
    })) {
      running.set(name, await startOnPort({ ...base, predict }));
    }
  });
  afterAll(async () => {
    for (const { adapter } of running.values()) await adapter.stop();
  });

  interface Arrived {
    readonly method: string;
    readonly url: string;
    readonly type: string;
    readonly body: Buffer;
    readonly replyType: string | undefined;
  }

  async function send(model: string, contentType: string, body: string | Uint8Array, path = '/'): Promise<Arrived> {
    const headers: Header[] = [...attributeHeaders, ['Content-Type', contentType]];
    const { port } = running.get(model) ?? { port: 0 };
    const reply = await sendHttp(port, { method: 'POST', path, query: '', headers, body: Buffer.from(body) });
    const echo = JSON.parse(Buffer.from(reply.body).toString()) as {
      method: string; url: string; headers: string[]; body: string;
    }; // prettier-ignore
    const valueOf = (name: string): string => echo.headers[echo.headers.indexOf(name) + 1] ?? '';
    expect(valueOf('ce-id')).toBe('1');
    const replyType = reply.headers.find(([name]) => name === 'ce-type')?.[1];
    const { method, url } = echo;
    return { method, url, type: valueOf('content-type'), body: Buffer.from(echo.body, 'base64'), replyType };
  }

  const prediction = 'dev.modelwhisk.prediction';

  test('an image is the file of the form', async () => {
    const arrived = await send('file', 'image/png', png);
    expect(arrived).toMatchObject({ method: 'POST', url: '/predict', replyType: prediction });
    expect(arrived.type).toMatch(/^multipart\/form-data; boundary=/);
    expect(arrived.body.toString('latin1')).toContain('name="image"; filename="image.png"\r\nContent-Type: image/png');
    expect(arrived.body.includes(png)).toBe(true);
  });

  test('JSON names the file, and parameters of the model', async () => {
    const data = { image_base64: png.toString('base64'), threshold: 0.5 };
    const arrived = await send('file', 'application/json', JSON.stringify(data), '/predict');
    expect([arrived.url, arrived.body.includes(png)]).toEqual(['/predict?threshold=0.5', true]);
  });

  test('a form passes unchanged', async () => {
    const type = `multipart/form-data; boundary=${boundary}`;
    const arrived = await send('file', type, multipart);
    expect([arrived.type, Buffer.compare(arrived.body, multipart)]).toEqual([type, 0]);
  });

  test('structured mode: the data, decoded', async () => {
    const event = { ...attributes, data_base64: png.toString('base64'), datacontenttype: 'image/png' };
    const arrived = await send('file', 'application/cloudevents+json', JSON.stringify(event));
    expect(arrived.body.includes(png)).toBe(true);
  });

  test('JSON is the body of a model that takes JSON, byte for byte', async () => {
    const arrived = await send('json', 'application/json', '{ "big": 12345678901234567890 }');
    expect([arrived.type, arrived.body.toString()]).toEqual(['application/json', '{ "big": 12345678901234567890 }']);
  });

  test('JSON is the query of a model that takes one', async () => {
    const arrived = await send('query', 'application/json', '{"text": "a b", "n": [1, 2]}');
    expect(arrived).toMatchObject({ method: 'GET', url: '/predict?text=a+b&n=1&n=2', body: Buffer.alloc(0) });
  });

  test('elsewhere an event is a request like any other', async () => {
    const event = JSON.stringify({ ...attributes, data: 1 });
    const arrived = await send('file', 'application/cloudevents+json', event, '/elsewhere');
    expect([arrived.url, arrived.body.toString(), arrived.replyType]).toEqual(['/elsewhere', event, undefined]);
  });

  test.each([
    ['file', 'image/png', '', 'the event has no data'],
    ['file', 'application/json', '[]', "the event's data is []; expected a JSON object"],
    ['file', 'application/json', '{}', 'the input file is missing'],
    ['query', 'application/json', '{', "the event's data is not JSON"],
  ])('to a model that takes a %s, %s %j is a 400', async (model, contentType, body, message) => {
    const { port } = running.get(model) ?? { port: 0 };
    const headers: Header[] = [...attributeHeaders, ['Content-Type', contentType]];
    const reply = await sendHttp(port, { method: 'POST', path: '/', query: '', headers, body: Buffer.from(body) });
    expect([reply.status, Buffer.from(reply.body).toString()]).toEqual([400, expect.stringContaining(message)]);
    expect(reply.headers.map(([name]) => name)).not.toContain('ce-id');
  });
});
