import { describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import type { WholeRequest } from '../../../adapter/http/message.ts';
import { withFormInput, withStreamedFormInput } from '../../../adapter/inputs/form-input.ts';
import { invocationRequest } from '../../../adapter/inputs/invocation.ts';
import { modelRow } from '../../../core/row.ts';

const path = '/v1/models/digits:predict';
const rowWith = (batch: object = {}) =>
  modelRow.parse({
    name: 'digits',
    title: 'Digits',
    image: 'me/digits',
    server: { kind: 'http', port: 5000 },
    predict: { path, input: { kind: 'json' } },
    batch: { path, input: '/instances', output: '/predictions', file: { field: 'image', at: '/b64' }, ...batch },
  });
const policy = parseFetchPolicy({});
const bytes = Buffer.from([0, 255, 13, 10, 65]);
const base64 = bytes.toString('base64');

function requestOf(contentType: string, body: Buffer | string, headers: WholeRequest['headers'] = []): WholeRequest {
  return {
    method: 'POST',
    path,
    query: 'x=1',
    headers: [['x-own', '1'], ['content-type', contentType], ['content-length', '9'], ...headers],
    body: Buffer.from(body),
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
  };
}

function form(...parts: readonly [name: string, value: string | Buffer][]): [contentType: string, body: Buffer] {
  const lines = parts.flatMap(([name, value]) => {
    const file = typeof value === 'string' ? '' : '; filename="a.png"\r\nContent-Type: image/png';
    return [
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ];
  });
  return ['multipart/form-data; boundary=b', Buffer.concat([...lines, Buffer.from('--b--\r\n')])];
}

describe('one file becomes the only element of the list', () => {
  test.each<[string, string, Buffer | string, string]>([
    ['a form', ...form(['image', bytes]), `{"instances":[{"b64":"${base64}"}]}`],
    [
      'a form of several files with a field beside them',
      ...form(['image', bytes], ['parameters', 'é'], ['image', bytes]),
      `{"instances":[{"b64":"${base64}"},{"b64":"${base64}"}],"parameters":"é"}`,
    ],
    ['a body that is the file', 'image/png', bytes, `{"instances":[{"b64":"${base64}"}]}`],
    ['bytes of no type', 'application/octet-stream', bytes, `{"instances":[{"b64":"${base64}"}]}`],
    [
      'JSON that names it, whose other members stay',
      'application/json',
      `{"image_base64":"${base64}","parameters":{"top":1.0,"top":2}}`,
      `{"instances":[{"b64":"${base64}"}],"parameters":{"top":1.0,"top":2}}`,
    ],
    [
      'JSON that names it by a URL',
      'application/json',
      `{"image_url":"data:image/png;base64,${base64}"}`,
      `{"instances":[{"b64":"${base64}"}]}`,
    ],
  ])('%s', async (_case, contentType, body, expected) => {
    const made = await withFormInput(requestOf(contentType, body), rowWith(), policy);
    expect(made.body.toString()).toBe(expected);
    expect({ query: made.query, headers: made.headers }).toEqual({
      query: 'x=1',
      headers: [
        ['x-own', '1'],
        ['content-type', 'application/json'],
      ],
    });
  });

  test.each([
    ['', '/instances', `{"instances":["${base64}"]}`],
    ['/image/b64', '/instances', `{"instances":[{"image":{"b64":"${base64}"}}]}`],
    ['/a~1b', '', `[{"a/b":"${base64}"}]`],
    ['/b64', '/data/list', `{"data":{"list":[{"b64":"${base64}"}]}}`],
  ])('its base64 stands at %j of the element, and the list at %j', async (at, input, expected) => {
    const row = rowWith({ input, file: { field: 'image', at } });
    expect((await withFormInput(requestOf('image/png', bytes), row, policy)).body.toString()).toBe(expected);
  });

  test('also of a plain invocation', async () => {
    const made = await invocationRequest({ image_base64: base64, top: 3 }, rowWith(), requestOf('', ''), policy);
    expect(made).toMatchObject({ path, body: Buffer.from(`{"instances":[{"b64":"${base64}"}],"top":3}`) });
  });
});

describe('a request stays unchanged', () => {
  test.each<[string, WholeRequest]>([
    ['with the list itself', requestOf('application/json', `{"instances":[{"b64":"${base64}"}]}`)],
    ['with invalid JSON', requestOf('application/json', '{"image_url":')],
    ['with another type', requestOf('text/plain', 'image')],
    ['with a compressed body', requestOf('image/png', bytes, [['content-encoding', 'gzip']])],
    ['without a body', requestOf('image/png', '')],
    ['on another route', { ...requestOf('image/png', bytes), path: '/other' }],
  ])('%s', async (_case, request) => {
    expect(await withFormInput(request, rowWith(), policy)).toBe(request);
  });

  test('if the row takes no files', async () => {
    const request = requestOf('image/png', bytes);
    expect(await withFormInput(request, rowWith({ file: undefined }), policy)).toBe(request);
  });
});

test.each<[string, string, Buffer | string, string]>([
  ['a form without the part', ...form(['photo', bytes]), 'the form has no file in a part named "image"'],
  [
    'a form that is none',
    'multipart/form-data; boundary=z',
    'x',
    'the body is not the form that its Content-Type says',
  ],
  ['bad base64', 'application/json', '{"image_base64":"?"}', '"image_base64" is not base64'],
])('%s is refused with 400', async (_case, contentType, body, message) => {
  await expect(withFormInput(requestOf(contentType, body), rowWith(), policy)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(message) as string,
  });
});

test('a body over the limit is refused with 413', async () => {
  const streamed = withStreamedFormInput(requestOf('image/png', bytes), rowWith(), policy, 4);
  await expect(streamed).rejects.toMatchObject({ status: 413 });
});
