import { describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import type { WholeRequest } from '../../../adapter/http/message.ts';
import { withFormInput } from '../../../adapter/inputs/form-input.ts';
import { invocationRequest } from '../../../adapter/inputs/invocation.ts';
import { parametersOf } from '../../../adapter/platforms/azure/parameters.ts';
import { eventRequest } from '../../../adapter/platforms/_push/event-request.ts';
import { modelRow } from '../../../core/row.ts';

const row = modelRow.parse({
  name: 'classifier',
  title: 'Classifier',
  image: 'me/classifier',
  server: { kind: 'http', port: 5000 },
  predict: { path: '/classify', input: { kind: 'raw', contentType: 'image/png' }, parameters: [{ name: 'top' }] },
});
const policy = parseFetchPolicy({});
const bytes = Buffer.from([0, 255, 13, 10]);
const base64 = bytes.toString('base64');

function requestOf(contentType: string, body: Buffer | object): WholeRequest {
  return {
    method: 'POST',
    path: '/classify',
    query: '',
    headers: [['content-type', contentType]],
    body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
  };
}

describe('a model that takes a raw body', () => {
  test.each(['image/jpeg', 'application/json', 'multipart/form-data; boundary=x'])(
    'gets what was sent as %s, the same bytes',
    async (type) => {
      const request = requestOf(type, bytes);
      expect(await withFormInput(request, row, policy)).toBe(request);
    },
  );

  test.each<[string, object, string]>([
    ['base64', { body_base64: base64 }, 'image/png'],
    ['a data URL', { body_url: `data:image/gif;base64,${base64}` }, 'image/gif'],
    ['base64 or a URL', { body: base64 }, 'image/png'],
  ])('gets the file that JSON names by %s', async (_case, named, type) => {
    const made = await withFormInput(requestOf('application/json', { ...named, top: 3 }), row, policy);
    expect(made).toMatchObject({ query: 'top=3', headers: [['content-type', type]], body: bytes });
  });

  test('gets the file of a plain invocation, and its other parameters as a query', async () => {
    const context = requestOf('', bytes);
    const request = await invocationRequest({ body_base64: base64, top: 3, lang: 'en' }, row, context, policy);
    expect(request).toMatchObject({ method: 'POST', path: '/classify', query: 'top=3&lang=en', body: bytes });
    await expect(invocationRequest({ top: 3 }, row, context, policy)).rejects.toMatchObject({
      status: 400,
      hint: expect.stringContaining('"body_base64"') as string,
    });
  });

  test.each<[string | undefined, string]>([
    ['image/gif', 'image/gif'],
    ['application/octet-stream', 'image/png'],
    [undefined, 'image/png'],
  ])('gets the data of an event of type %s as %s', async (contentType, type) => {
    const event = { attributes: [], contentType, data: bytes };
    const request = await eventRequest(event, requestOf('', bytes), {
      row,
      fetchPolicy: policy,
      configuration: { maximumBody: 1000 },
    });
    expect(request).toMatchObject({ headers: [['content-type', type]], body: bytes });
  });

  test('gets the file that an event names', async () => {
    const data = Buffer.from(JSON.stringify({ body_base64: base64 }));
    const event = { attributes: [], contentType: 'application/json', data };
    const request = await eventRequest(event, requestOf('', bytes), {
      row,
      fetchPolicy: policy,
      configuration: { maximumBody: 1000 },
    });
    expect(request.body).toEqual(bytes);
  });

  test('gets a blob, and the URL in a queue message', () => {
    const blob = { kind: 'blob', base64, url: undefined } as Parameters<typeof parametersOf>[0];
    expect(parametersOf(blob, row)).toEqual({ body_base64: base64 });
    const message = { kind: 'text', text: 'https://example.com/x.png' } as Parameters<typeof parametersOf>[0];
    expect(parametersOf(message, row)).toEqual({ body: 'https://example.com/x.png' });
  });
});
