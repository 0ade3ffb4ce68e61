import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStage, type Stage } from '../support/stage.ts';

// How a body reaches the action (docs/protocols/openwhisk.md, "Web actions: the request"), in both modes. A small HTTP
// server with /init and /run stands for the action's container. It records the parameters as received.
const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x61, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x0a]);
const base64 = bytes.toString('base64');
const decoded = '\ufffd\ufffd\0aé\ufffd\n';
const multipart = 'multipart/form-data; boundary=----x';
const parts = Buffer.from(
  '------x\r\nContent-Disposition: form-data; name="f"\r\n\r\n\u00ff\r\n------x--\r\n',
  'latin1',
);

interface Row {
  readonly row: string;
  readonly type: string | undefined;
  readonly body: string | Buffer | undefined;
  /** The parameters in standard mode, without the metadata. */
  readonly standard: Record<string, unknown>;
  /** `__ow_body` of raw mode. */
  readonly raw: string;
  /** `content-type` in `__ow_headers`. Default: the given one. */
  readonly shown?: string | undefined;
}

const encode = (text: string) => Buffer.from(text).toString('base64');
const same = (value: string) => ({ standard: { __ow_body: value }, raw: value });

const object = '{"b": 1.50, "a": {"c": [1, 2]}, "big": 12345678901234567890}';
const rows: readonly Row[] = [
  { row: 'no body, no type', type: undefined, body: undefined, standard: {}, raw: '' },
  { row: 'JSON, empty', type: 'application/json', body: '', standard: {}, raw: '' },
  { row: '+json, empty', type: 'application/hal+json', body: '', standard: {}, raw: '' },
  {
    row: 'JSON object',
    type: 'application/json',
    body: object,
    standard: { b: 1.5, a: { c: [1, 2] }, big: Number('12345678901234567890') },
    raw: encode(object),
  },
  {
    row: 'JSON object, charset named',
    type: 'application/json;charset=utf-8',
    body: '{"a":"é"}',
    standard: { a: 'é' },
    raw: encode('{"a":"é"}'),
    shown: 'application/json',
  },
  {
    row: 'JSON object, repeated name: the last wins',
    type: 'application/json',
    body: '{"a":1,"a":2}',
    standard: { a: 2 },
    raw: encode('{"a":1,"a":2}'),
  },
  {
    row: 'registered +json object',
    type: 'application/json-patch+json',
    body: '{"a":1}',
    standard: { a: 1 },
    raw: '{"a":1}',
  },
  {
    row: 'unregistered +json object',
    type: 'application/hal+json',
    body: '{"a":1}',
    standard: { a: 1 },
    raw: encode('{"a":1}'),
  },
  {
    row: 'unregistered +json object with charset',
    type: 'application/hal+json; charset=utf-8',
    body: '{"a":1}',
    standard: { a: 1 },
    raw: '{"a":1}',
    shown: 'application/hal+json; charset=UTF-8',
  },
  {
    row: 'JSON with another parameter is no JSON',
    type: 'application/json; v=1',
    body: '{"a":1}',
    ...same('{"a":1}'),
  },
  {
    row: 'unregistered +json with another parameter is no JSON',
    type: 'application/ld+json; profile=x',
    body: '{"a":1}',
    ...same(encode('{"a":1}')),
  },
  ...['[1,"a"]', '"text"', '99', 'true', 'null'].map((body) => ({
    row: `JSON ${body}`,
    type: 'application/json',
    body,
    standard: { __ow_body: JSON.parse(body) as unknown },
    raw: encode(body),
  })),
  {
    row: 'url-encoded form, repeated name: the last wins',
    type: 'application/x-www-form-urlencoded',
    body: 'a=1&b=x%20y+z&a=2&c',
    standard: { a: '2', b: 'x y z', c: '' },
    raw: 'a=1&b=x%20y+z&a=2&c',
  },
  { row: 'url-encoded form, empty', type: 'application/x-www-form-urlencoded', body: '', standard: {}, raw: '' },
  { row: 'multipart', type: multipart, body: parts, ...same(parts.toString('base64')) },
  {
    row: 'multipart, boundary quoted',
    type: 'Multipart/Form-Data;boundary="----x"',
    body: parts,
    ...same(parts.toString('base64')),
    shown: multipart,
  },
  ...['image/png', 'application/octet-stream', 'audio/wav', 'application/pdf', 'message/rfc822', 'image/svg+xml'].map(
    (type) => ({ row: 'registered binary', type, body: bytes, ...same(base64) }),
  ),
  {
    row: 'registered binary with charset',
    type: 'image/png; charset=utf-8',
    body: bytes,
    ...same(base64),
    shown: 'image/png',
  },
  { row: 'no type', type: undefined, body: bytes, ...same(base64), shown: 'application/octet-stream' },
  ...['text/plain', 'text/csv', 'application/xml', 'text/event-stream'].map((type) => ({
    row: 'registered text',
    type,
    body: bytes,
    ...same(decoded),
  })),
  {
    row: 'registered text, another charset: still UTF-8',
    type: 'text/plain; charset=iso-8859-1',
    body: bytes,
    ...same(decoded),
    shown: 'text/plain; charset=ISO-8859-1',
  },
  ...['text/javascript', 'application/x-ndjson', 'application/x-npy', 'application/vnd.kserve.x', 'image/bmp'].map(
    (type) => ({ row: 'unregistered, no charset', type, body: bytes, ...same(base64) }),
  ),
  {
    row: 'unregistered, charset',
    type: 'application/x-ndjson; charset=UTF-8',
    body: bytes,
    ...same(decoded),
  },
  ...['text/plain', 'image/png', 'multipart/form-data; boundary=b', 'application/x-npy'].map((type) => ({
    row: 'type without a body',
    type,
    body: '',
    ...same(''),
  })),
];

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({}, [{ name: 'standard' }, { name: 'raw', annotations: { 'raw-http': true } }]);
});
afterAll(() => stage.close());

async function received(action: string, { type, body }: Row, chunked: boolean): Promise<Record<string, unknown>> {
  const headers = type === undefined ? {} : { 'Content-Type': type };
  const options = { method: 'POST', headers, chunked, ...(body === undefined ? {} : { body }) };
  const { status } = await stage.web(`guest/default/${action}`, options);
  expect(status).toBe(204);
  return stage.container.runs().at(-1)?.value ?? {};
}

function contentTypeOf(parameters: Record<string, unknown>): unknown {
  return (parameters['__ow_headers'] as Record<string, string>)['content-type'];
}

const transports = rows.flatMap((row) => [
  { ...row, chunked: false },
  ...(row.body === undefined || row.body.length === 0 ? [] : [{ ...row, chunked: true }]),
]);

test.each(transports)('5.4 standard: $row ($type, chunked: $chunked)', async ({ chunked, ...row }) => {
  const parameters = await received('standard', row, chunked);
  const { __ow_headers: _, ...rest } = parameters;
  expect(rest).toEqual({ __ow_method: 'post', __ow_path: '', ...row.standard });
  expect(contentTypeOf(parameters)).toBe(row.shown ?? row.type);
});

test.each(transports)('5.4 raw: $row ($type, chunked: $chunked)', async ({ chunked, ...row }) => {
  const parameters = await received('raw', row, chunked);
  const { __ow_headers: _, ...rest } = parameters;
  expect(rest).toEqual({ __ow_method: 'post', __ow_path: '', __ow_query: '', __ow_body: row.raw });
  expect(contentTypeOf(parameters)).toBe(row.shown ?? row.type);
});

test('5.4 standard: numbers of a JSON object keep every digit', async () => {
  const headers = { 'Content-Type': 'application/json' };
  await stage.web('guest/default/standard', { method: 'POST', headers, body: object });
  expect(stage.container.calls.at(-1)?.text).toContain('"big":12345678901234567890');
  expect(stage.container.calls.at(-1)?.text).toContain('"b":1.50');
});

test.each(['{"a":', ' ', '{"a":1} x'])('5.4 standard: malformed JSON %j', async (body) => {
  const headers = { 'Content-Type': 'application/json' };
  const reply = await stage.web('guest/default/standard', { method: 'POST', headers, body });
  expect(reply.status).toBe(400);
  expect(reply.json()['error']).toMatch(/^The request content was malformed:\n/);
});

test('5.3 headers: lower case, the last of repeated ones, sizes left out, the rest as sent', async () => {
  const headers = {
    'X-Twice': ['a', 'b'],
    Cookie: 'c=d',
    'Accept-Encoding': 'gzip',
    'X-Name': 'Ã©',
    'Content-Type': 'a/b',
  };
  await stage.web('guest/default/standard', { method: 'POST', headers, body: Buffer.from('x') });
  const shown = stage.container.runs().at(-1)?.value['__ow_headers'];
  expect(shown).toMatchObject({ 'x-twice': 'b', cookie: 'c=d', 'accept-encoding': 'gzip', 'x-name': 'é' });
  expect(shown).toHaveProperty('host');
  expect(shown).not.toHaveProperty('content-length');
});

test.each([
  ['a=b&c=d', 'a=b&c=d', { a: 'b', c: 'd' }],
  ['a=1&a=2', 'a=1&a=2', { a: '2' }],
  ['q=x%20y+z', 'q=x+y+z', { q: 'x y z' }],
  ['flag&e=', 'flag&e=', { flag: '', e: '' }],
  ['u=%c3%a9/?:@;', 'u=%C3%A9/?:@%3B', { u: 'é/?:@;' }],
  ['a=b=c%2B', 'a=b%3Dc%2B', { a: 'b=c+' }],
])('5.3 query %s', async (query, raw, standard) => {
  await stage.web(`guest/default/raw?${query}`);
  expect(stage.container.runs().at(-1)?.value['__ow_query']).toBe(raw);
  await stage.web(`guest/default/standard?${query}`);
  expect(stage.container.runs().at(-1)?.value).toMatchObject(standard);
});
