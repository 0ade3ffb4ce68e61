import { describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { invocationRequest, invocationResult } from '../../../adapter/inputs/invocation.ts';
import { JsonText } from '../../../adapter/json/exact.ts';
import type { Header, WholeResponse } from '../../../adapter/http/message.ts';
import { modelRow } from '../../../core/row.ts';

const policy = parseFetchPolicy({});
const context = {
  headers: [
    ['x-openwhisk-activation-id', 'abc'],
    ['Content-Type', 'text/plain'],
  ] as const satisfies readonly Header[],
  signal: new AbortController().signal,
  deadline: 1_800_000_000_000,
};

function rowWith(predict: unknown) {
  return modelRow.parse({
    name: 'model',
    title: 'Model',
    image: 'example/model',
    server: { kind: 'http', port: 5000 },
    predict,
  });
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

describe('the parameters of a plain invocation become a request on the predict route', () => {
  test('of a model that takes a file, as the form', async () => {
    const row = rowWith({
      input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
      parameters: [{ name: 'threshold', type: 'number' }],
    });
    const request = await invocationRequest(
      { image_base64: 'aGVsbG8=', threshold: 0.5, user: 'me' },
      row,
      context,
      policy,
    );
    expect(request).toMatchObject({
      ...context,
      headers: expect.anything(),
      method: 'POST',
      path: '/model/predict',
      query: 'threshold=0.5',
    });
    expect(request.headers).toEqual([
      ['x-openwhisk-activation-id', 'abc'],
      ['content-type', expect.stringContaining('multipart/form-data')],
    ]);
    const [, contentType = ''] = request.headers.at(-1) ?? [];
    const form = await new Response(Buffer.from(request.body), { headers: { 'content-type': contentType } }).formData();
    expect(form.get('user')).toBe('me');
    expect(await (form.get('image') as File).text()).toBe('hello');
  });

  test('of a model that takes JSON, as the body, except for declared query parameters', async () => {
    const row = rowWith({ method: 'PUT', path: '/p', input: { kind: 'json' }, parameters: [{ name: 'top' }] });
    const parameters = JSON.parse('{"text": ["ü"], "top": 3, "none": null, "__proto__": {"a": 1}}') as Record<
      string,
      unknown
    >;
    const request = await invocationRequest(parameters, row, context, policy);
    expect(request).toMatchObject({
      method: 'PUT',
      path: '/p',
      query: 'top=3',
      signal: context.signal,
      deadline: context.deadline,
    });
    expect(request.headers).toEqual([
      ['x-openwhisk-activation-id', 'abc'],
      ['content-type', 'application/json'],
    ]);
    expect(Buffer.from(request.body).toString()).toBe('{"text":["ü"],"none":null,"__proto__":{"a":1}}');
  });

  test('with every digit of its numbers', async () => {
    const row = rowWith({ path: '/p', input: { kind: 'json' }, parameters: [{ name: 'top' }] });
    const parameters = JsonText.parse('{"top": 3.0, "n": [12345678901234567890, 1e400]}').members() ?? {};
    const { query, body } = await invocationRequest(parameters, row, context, policy);
    expect([query, Buffer.from(body).toString()]).toEqual(['top=3.0', '{"n":[12345678901234567890, 1e400]}']);
  });

  test('of a model that takes a query, all in the query', async () => {
    const row = rowWith({
      method: 'GET',
      path: '/model/predict',
      input: { kind: 'query' },
      parameters: [{ name: 'model' }],
    });
    const request = await invocationRequest({ model: 'lo-fi & more', n: [1, 2], none: null }, row, context, policy);
    expect(request).toMatchObject({ method: 'GET', path: '/model/predict', query: 'model=lo-fi+%26+more&n=1&n=2' });
    expect(request.body).toHaveLength(0);
  });

  test('without one that names the file are refused, with the possible names', async () => {
    const row = rowWith({ input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' } });
    await expect(invocationRequest({ user: 'me' }, row, context, policy)).rejects.toMatchObject({
      name: 'CallerError',
      status: 400,
      message: 'the input file is missing',
      hint: 'give one of "image_base64", "image_url", "image", or "bucket" and "key"',
    });
  });
});

function responseOf(
  status: number,
  contentType: string | undefined,
  body: string | Buffer,
  more: Header[] = [],
): WholeResponse {
  const headers: readonly Header[] = contentType === undefined ? more : [['Content-Type', contentType], ...more];
  return { status, headers, body: typeof body === 'string' ? Buffer.from(body) : body };
}

describe('the reply becomes the result of a plain invocation', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]);
  const base64 = png.toString('base64');
  test.each<[string, WholeResponse, Record<string, unknown>]>([
    [
      'a JSON object itself',
      responseOf(200, 'application/json', '{"status":"ok","n":[1]}\n'),
      { status: 'ok', n: [1] },
    ],
    ['with a charset', responseOf(200, 'application/json; charset=utf-8', '{"a":"ü"}'), { a: 'ü' }],
    ['with a byte order mark', responseOf(200, 'application/json', '\ufeff{"a":1}'), { a: 1 }],
    ['of a +json type', responseOf(201, 'application/hal+json', '{"a":1}'), { a: 1 }],
    [
      'a success with a top-level error, which OpenWhisk would take for a failure',
      responseOf(200, 'application/json', '{"error":null,"predictions":[]}'),
      { content_type: 'application/json', body: { error: null, predictions: [] } },
    ],
    ['an error further down', responseOf(200, 'application/json', '{"a":{"error":1}}'), { a: { error: 1 } }],
    ['a JSON array', responseOf(200, 'application/json', '[1,2]'), { content_type: 'application/json', body: [1, 2] }],
    ['a JSON scalar', responseOf(200, 'application/json', 'true\n'), { content_type: 'application/json', body: true }],
    ['JSON null', responseOf(200, 'application/json', 'null'), { content_type: 'application/json', body: null }],
    [
      "Python's NaN",
      responseOf(200, 'application/json', '{"a": NaN}'),
      { content_type: 'application/json', body: '{"a": NaN}' },
    ],
    [
      'JSON nested deeper than the platform reads',
      responseOf(200, 'application/json', nested(991)),
      { content_type: 'application/json', body: nested(991) },
    ],
    [
      'JSON nested deeper than any stack',
      responseOf(500, 'application/json', nested(100_000)),
      { error: expect.objectContaining({ statusCode: 500, body: nested(100_000) }) as unknown },
    ],
    [
      'JSON nested as deep as the platform reads',
      responseOf(200, 'application/json', nested(990)),
      JSON.parse(nested(990)),
    ],
    ['text', responseOf(200, 'text/plain', 'héllo'), { content_type: 'text/plain', body: 'héllo' }],
    [
      'text of another charset',
      responseOf(200, 'text/csv; charset=ISO-8859-1', Buffer.from('é', 'latin1')),
      { content_type: 'text/csv; charset=ISO-8859-1', body: 'é' },
    ],
    ['bytes', responseOf(200, 'image/png', png), { content_type: 'image/png', body: base64 }],
    [
      'bytes without a type',
      responseOf(200, undefined, png),
      { content_type: 'application/octet-stream', body: base64 },
    ],
    [
      'text that is not of its charset',
      responseOf(200, 'text/plain', png),
      { content_type: 'application/octet-stream', body: base64 },
    ],
    [
      'text of an unknown charset',
      responseOf(200, 'text/plain; charset=klingon', png),
      { content_type: 'application/octet-stream', body: base64 },
    ],
    [
      'JSON that is not UTF-8',
      responseOf(200, 'application/json', png),
      { content_type: 'application/octet-stream', body: base64 },
    ],
    ['no body', responseOf(204, undefined, ''), {}],
    ['an empty body with a type', responseOf(200, 'application/json', ''), {}],
  ])('%s', (_, response, expected) => {
    expect(invocationResult(response)).toEqual(expected);
  });
});

describe('a reply without a type', () => {
  test.each<[string, string | undefined, WholeResponse, unknown]>([
    ['is JSON where it parses', undefined, responseOf(200, undefined, '{"label":"7"}'), { label: '7' }],
    ['is JSON where its type is not one, and it parses', undefined, responseOf(200, 'json', '{"a":1}'), { a: 1 }],
    [
      'has the type that the row states',
      'text/plain; charset=utf-8',
      responseOf(200, undefined, 'seven'),
      { content_type: 'text/plain; charset=utf-8', body: 'seven' },
    ],
    [
      'has the row’s type of bytes',
      'image/png',
      responseOf(200, undefined, Buffer.from([0x89])),
      { content_type: 'image/png', body: 'iQ==' },
    ],
    [
      'stays bytes where the row says JSON and it is none',
      'application/json',
      responseOf(200, undefined, 'seven'),
      { content_type: 'application/octet-stream', body: Buffer.from('seven').toString('base64') },
    ],
    [
      'is not what the row says of a success where it is a failure',
      'image/png',
      responseOf(400, undefined, '{"message":"no digit"}'),
      {
        error: {
          statusCode: 400,
          message: 'no digit',
          content_type: 'application/json',
          body: { message: 'no digit' },
        },
      },
    ],
  ])('%s', (_, output, response, expected) => {
    expect(invocationResult(response, output)).toEqual(expected);
  });
});

describe('a status other than 2xx becomes an error', () => {
  test.each<[string, WholeResponse, Record<string, unknown>]>([
    [
      'with the message of the model',
      responseOf(400, 'application/json', '{"status":"error","message":"Input payload validation failed"}'),
      {
        statusCode: 400,
        message: 'Input payload validation failed',
        content_type: 'application/json',
        body: { status: 'error', message: 'Input payload validation failed' },
      },
    ],
    [
      'with JSON that has no message',
      responseOf(422, 'application/json', '{"detail":[]}'),
      {
        statusCode: 422,
        message: 'the model server answered 422 Unprocessable Entity',
        content_type: 'application/json',
        body: { detail: [] },
      },
    ],
    [
      'with text',
      responseOf(500, 'text/html', '<h1>Oops</h1>'),
      {
        statusCode: 500,
        message: 'the model server answered 500 Internal Server Error',
        content_type: 'text/html',
        body: '<h1>Oops</h1>',
      },
    ],
    [
      'without a body',
      responseOf(503, 'text/html', ''),
      { statusCode: 503, message: 'the model server answered 503 Service Unavailable' },
    ],
    [
      'of a status without a name',
      responseOf(599, undefined, ''),
      { statusCode: 599, message: 'the model server answered 599' },
    ],
    [
      'for a redirect, which nobody follows',
      responseOf(308, undefined, '', [['Location', '/model/predict/']]),
      { statusCode: 308, message: 'the model server answered 308 Permanent Redirect, to /model/predict/' },
    ],
  ])('%s', (_, response, error) => {
    expect(invocationResult(response)).toEqual({ error });
  });
});
