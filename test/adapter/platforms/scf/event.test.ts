import { describe, expect, test } from 'vitest';
import { readEvent } from '../../../../adapter/platforms/scf/event.ts';
import { cosEvent } from './cos-event.ts';

function read(event: unknown): unknown {
  return readEvent(Buffer.from(JSON.stringify(event)));
}

describe('readEvent', () => {
  test('an HTTP event with a request context comes from API Gateway, one without from a function URL', () => {
    const event = {
      httpMethod: 'GET',
      path: '/test/value',
      headers: { 'User-Agent': 'x' },
      queryString: { foo: 'bar' },
      body: '',
    };
    expect(read({ ...event, requestContext: { stage: 'release' }, isBase64Encoded: true })).toEqual({
      kind: 'gateway', ...event, stage: 'release', isBase64Encoded: true,
    }); // prettier-ignore
    expect(read(event)).toEqual({ kind: 'url', ...event });
  });

  test.each([
    ['as documented', {}, 'testfile', 'ap-chengdu'],
    ['a key with folders', { key: '/1253970026/testpic/a b/ü/c%20d.png' }, 'a b/ü/c%20d.png', 'ap-chengdu'],
    ['a key without the prefix', { key: '/other.png' }, 'other.png', 'ap-chengdu'],
    ['an account number that is a number', { appid: 1_253_970_026 }, 'testfile', 'ap-chengdu'],
    ['a URL of another form', { url: 'https://cdn.example/testfile' }, 'testfile', undefined],
  ])('a COS event names its objects: %s', (_title, change, key, region) => {
    const object = { bucket: 'testpic-1253970026', key, region };
    expect(read(cosEvent(change))).toEqual({ kind: 'inputs', inputs: [{ kind: 'object', object }] });
  });

  test('a version of an object is read', () => {
    const event = JSON.stringify(cosEvent()).replace('"vid":""', '"vid":"MTg0NDUxNTc1"');
    expect(JSON.stringify(read(JSON.parse(event)))).toContain('"versionId":"MTg0NDUxNTc1"');
  });

  test.each(['cos:ObjectRemove:Delete', 'cos:ObjectRemove:DeleteMarkerCreated', 'cos:ObjectRestore:Post'])(
    'an object after %s is left out, as there is nothing new',
    (eventName) => {
      expect(read(cosEvent({ eventName }))).toEqual({ kind: 'inputs', inputs: [] });
    },
  );

  const cmq = (...bodies: string[]) => ({
    Records: bodies.map((msgBody) => ({ CMQ: { type: 'topic', topicName: 't', msgId: '1', msgBody, msgTag: [] } })),
  });
  const kafka = (...bodies: string[]) => ({
    Records: bodies.map((msgBody, offset) => ({
      Ckafka: { topic: 't', partition: 1, offset, msgKey: 'None', msgBody },
    })),
  });
  const timer = (Message: string) => ({ Type: 'Timer', TriggerName: 'daily', Time: '2026-11-21T00:00:00Z', Message });
  const url = { kind: 'text', text: 'https://example.com/a.png' };
  const parameters = { kind: 'parameters', parameters: { image_url: 'https://example.com/a.png' } };
  const json = JSON.stringify(parameters.parameters);
  test.each<[string, object, object[]]>([
    ['CMQ', cmq(json, url.text), [parameters, url]],
    ['CKafka', kafka(json, url.text), [parameters, url]],
    ['a timer', timer(json), [parameters]],
    [
      'the event bus',
      { specversion: '1.0', id: '1', source: 'app', type: 'photo', data: JSON.parse(json) as object },
      [parameters],
    ],
    ['COS inside of CMQ', cmq(JSON.stringify(cosEvent({ eventName: 'cos:ObjectRemove:Delete' }))), []],
  ])('the messages of %s are the inputs', (_title, event, inputs) => {
    expect(read(event)).toEqual({ kind: 'inputs', inputs });
  });

  test.each<[string, object]>([
    ['the event of a timer', timer('')],
    ['an event of CLS', { clslogs: { data: 'H4sI' } }],
    ['an event of MPS', { eventType: 'WorkflowTask', workflowTaskEvent: { TaskId: '1' } }],
  ])('%s has no input for the model, and is refused', (name, event) => {
    const error = expect.objectContaining({ status: 400, message: `${name} has no input for the model` }) as Error;
    expect(read(event)).toEqual({ kind: 'inputs', inputs: [{ kind: 'refused', error }] });
  });

  const balancer = (payload: unknown, headers: object = {}) => ({
    headers: { 'Content-type': 'application/json', Host: 'test.clb-scf.com', ...headers },
    payload,
  });
  test.each<[string, object, object]>([
    ['JSON', balancer({ a: 1 }), { httpMethod: 'POST', path: '/', body: '{"a":1}', isBase64Encoded: false }],
    [
      'a path and method that the balancer is told to send',
      balancer({}, { 'X-Uri': '/model/labels?a=1', 'X-Method': 'PUT' }),
      { httpMethod: 'PUT', path: '/model/labels?a=1', body: '{}' },
    ],
    ['text', balancer('naïve', { 'Content-type': 'text/plain' }), { body: 'naïve', isBase64Encoded: false }],
    ['bytes', balancer('iVA=', { 'Content-type': 'image/png' }), { body: 'iVA=', isBase64Encoded: true }],
    ['nothing', balancer(''), { httpMethod: 'GET', path: '/', body: '' }],
  ])('a request of CLB with %s is an HTTP request', (_title, event, expected) => {
    expect(read(event)).toMatchObject({ kind: 'balancer', ...expected });
  });

  test('a request of CLB keeps the digits of its numbers', () => {
    const event = '{"headers":{},"payload":{"n":1.0,"big":12345678901234567890}}';
    expect(readEvent(Buffer.from(event))).toMatchObject({ body: '{"n":1.0,"big":12345678901234567890}' });
  });

  test.each([
    ['parameters', { image_base64: 'AAAA' }],
    ['records of no trigger', { Records: [{ topic: 't', msgBody: 'x' }] }],
    ['a text', 'text'],
  ])('%s is a direct event', (_title, event) => {
    // As JSON, since numbers, arrays and objects come with the text that they were written with.
    expect(JSON.parse(JSON.stringify(read(event)))).toEqual({ kind: 'direct', parameters: event });
  });

  test('refuses a malformed COS event, with the place', () => {
    expect(() => read({ Records: [{ cos: { cosObject: {} } }] })).toThrow(
      /COS event is malformed at Records\.0\.cos\.cosObject\.key/,
    );
  });
});
