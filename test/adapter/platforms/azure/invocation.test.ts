import { describe, expect, it } from 'vitest';
import { writeObject } from '../../../../adapter/json/exact.ts';
import { readInvocation } from '../../../../adapter/platforms/azure/invocation.ts';

function read(Data: unknown, Metadata: unknown = {}): unknown {
  return readInvocation(Buffer.from(JSON.stringify({ Data, Metadata })));
}

const req = { Url: 'http://localhost:7071/api/model/predict', Method: 'GET', Headers: {} };
const connection = { url: 'https://hub.service.signalr.net/client/?hub=results', accessToken: 'ey.J0' };
const url = 'https://example.com/7.png';

describe('readInvocation', () => {
  it.each([
    ['an HTTP request', { req }, { kind: 'http', trigger: req }],
    ['one among other inputs', { document: { id: 1 }, req }, { kind: 'http', trigger: req }],
    ['a negotiation', { req, connectionInfo: connection }, { kind: 'negotiate', connection }],
    ['one as text', { req, info: JSON.stringify(JSON.stringify(connection)) }, { kind: 'negotiate', connection }],
    ['plain text, which the host writes as JSON', { image: JSON.stringify(url) }, { kind: 'message', value: url }],
    ['plain text as it is', { image: url }, { kind: 'message', value: url }],
    [
      'a text that is JSON in JSON',
      { image: JSON.stringify(JSON.stringify({ url })) },
      { kind: 'message', value: { url } },
    ],
    ['an object', { image: { url } }, { kind: 'message', value: { url } }],
    ['a number, which is left as text', { image: JSON.stringify('17') }, { kind: 'message', value: '17' }],
    ['JSON with an error in it', { image: JSON.stringify('{"url": ') }, { kind: 'message', value: '{"url": ' }],
  ])('knows %s', (_title, data, expected) => {
    expect(read(data, { DequeueCount: '1', Properties: {}, Uri: '""' })).toEqual(expected);
  });

  it.each([
    ['an object', '{"n": 1.0, "big": [12345678901234567890]}'],
    ['a text of JSON', JSON.stringify('{"n": 1.0, "big": [12345678901234567890]}')],
    ['a text of JSON in JSON', JSON.stringify(JSON.stringify('{"n": 1.0, "big": [12345678901234567890]}'))],
  ])('keeps every digit of %s', (_title, message) => {
    const invocation = readInvocation(Buffer.from(`{"Data":{"image":${message}},"Metadata":{"DequeueCount":"1"}}`));
    const entries = Object.entries((invocation as { value: object }).value);
    expect(writeObject(entries)).toBe('{"n":1.0,"big":[12345678901234567890]}');
  });

  it('knows a blob by its metadata, and where it is', () => {
    const metadata = {
      Uri: '"https://store.blob.core.windows.net/images/7.png"',
      Properties: { Length: 3 },
      name: '"7.png"',
    };
    expect(read({ image: 'iVBO' }, metadata)).toEqual({
      kind: 'blob',
      base64: 'iVBO',
      url: 'https://store.blob.core.windows.net/images/7.png',
    });
  });

  it('refuses a blob that the host has read as text', () => {
    const metadata = { Uri: '""', Properties: {} };
    expect(() => read({ image: JSON.stringify('\uFFFDPNG') }, metadata)).toThrow(
      expect.objectContaining({
        status: 415,
        hint: expect.stringContaining('"dataType": "binary"') as string,
      }) as Error,
    );
  });

  it.each([
    ['no JSON', 'name=value', "the function host's call is not JSON"],
    ['no object', '[]', "the function host's call has no Data object"],
    ['without Data', '{"Metadata":{}}', "the function host's call has no Data object"],
    ['with empty Data', '{"Data":{},"Metadata":{}}', 'the invocation has no Data'],
  ])('refuses a body that is %s', (_title, body, message) => {
    expect(() => readInvocation(Buffer.from(body))).toThrow(expect.objectContaining({ status: 400, message }) as Error);
  });
});
