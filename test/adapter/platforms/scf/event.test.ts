import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../../adapter/platforms/scf/event.ts';
import { cosEvent } from './cos-event.ts';

function read(event: unknown): unknown {
  return readEvent(Buffer.from(JSON.stringify(event)));
}

describe('readEvent', () => {
  it('an HTTP event with a request context comes from API Gateway, one without from a function URL', () => {
    const event = {
      httpMethod: 'GET',
      path: '/test/value',
      headers: { 'User-Agent': 'x' },
      queryString: { foo: 'bar' },
      body: '',
    };
    expect(read({ ...event, requestContext: { stage: 'release' }, isBase64Encoded: true })).toEqual({
      kind: 'gateway', ...event, isBase64Encoded: true,
    }); // prettier-ignore
    expect(read(event)).toEqual({ kind: 'url', ...event });
  });

  it.each([
    ['as documented', {}, 'testfile', 'ap-chengdu'],
    ['a key with folders', { key: '/1253970026/testpic/a b/ü/c%20d.png' }, 'a b/ü/c%20d.png', 'ap-chengdu'],
    ['a key without the prefix', { key: '/other.png' }, 'other.png', 'ap-chengdu'],
    ['an account number that is a number', { appid: 1_253_970_026 }, 'testfile', 'ap-chengdu'],
    ['a URL of another form', { url: 'https://cdn.example/testfile' }, 'testfile', undefined],
  ])('a COS event names its objects: %s', (_title, change, key, region) => {
    expect(read(cosEvent(change))).toEqual({
      kind: 'cos',
      objects: [{ bucket: 'testpic-1253970026', key, region }],
    });
  });

  it('objects that were removed are left out', () => {
    expect(read(cosEvent({ eventName: 'cos:ObjectRemove:Delete' }))).toEqual({ kind: 'cos', objects: [] });
  });

  it.each([
    ['parameters', { image_base64: 'AAAA' }],
    ['records of another trigger', { Records: [{ Ckafka: { topic: 't', msgBody: 'x' } }] }],
    ['a text', 'text'],
  ])('%s is a direct event', (_title, event) => {
    // As JSON, since numbers, arrays and objects come with the text that they were written with.
    expect(JSON.parse(JSON.stringify(read(event)))).toEqual({ kind: 'direct', parameters: event });
  });

  it('refuses a COS event that is none, naming where', () => {
    expect(() => read({ Records: [{ cos: { cosObject: {} } }] })).toThrow(
      /COS event is malformed at Records\.0\.cos\.cosObject\.key/,
    );
  });
});
