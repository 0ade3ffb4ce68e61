import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAdapter, type AdapterProcess } from '../../adapter/start-adapter.ts';
import { serverSetting } from '../support/rows.ts';

const file = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
let adapter: AdapterProcess;
beforeAll(async () => {
  const { row, environment } = await serverSetting('http', 'wire.mjs', { predict: { input: file } });
  adapter = await startAdapter(row, environment);
});
afterAll(async () => adapter.stop());

/** The bytes sent to the model server. "" if the adapter refused the parameters. */
async function onTheWire(value: object): Promise<string> {
  const { statusCode, body } = await adapter.run(value);
  if (statusCode === 200) return Buffer.from(String(body), 'base64').toString('latin1');
  if (statusCode === 400 && /"code":"(EVENT|INPUT)"/.test(String(body))) return '';
  throw new Error(`${String(statusCode)} ${String(body)}`);
}

const texts = [
  '\r\nX-Injected: 1',
  '\nX-Injected: 1',
  '\rX-Injected: 1',
  '\u010a\u010dX-Injected: 1',
  '\0X-Injected: 1',
  '\r\n\r\nGET /smuggled HTTP/1.1\r\nX-Injected: 1\r\n\r\n',
];

const web = { __ow_method: 'post', __ow_path: '/x', __ow_headers: { 'content-type': 'text/plain' }, __ow_body: 'body' };
const json = { __ow_method: 'post', __ow_path: '', __ow_headers: { 'content-type': 'application/json' } };
const places: readonly (readonly [place: string, put: (text: string) => object])[] = [
  ['the method', (text) => ({ ...web, __ow_method: `get${text}` })],
  ['the path', (text) => ({ ...web, __ow_path: `/x HTTP/1.1${text}` })],
  ['the query', (text) => ({ ...web, __ow_query: `a=1 HTTP/1.1${text}` })],
  ['a parameter', (text) => ({ ...web, [`name${text}`]: `value${text}` })],
  ["a header's name", (text) => ({ ...web, __ow_headers: { [`x-a: b${text}`]: 'c' } })],
  ["a header's value", (text) => ({ ...web, __ow_headers: { 'x-a': `b${text}` } })],
  ['the content type', (text) => ({ ...web, __ow_headers: { 'content-type': `text/plain${text}` } })],
  ['a boundary', (text) => ({ ...web, __ow_headers: { 'content-type': `multipart/form-data; boundary="${text}"` } })],
  ['the type of a data: URL', (text) => ({ ...json, image: `data:image/png${text};base64,AAAA` })],
  ['the name of a form field', (text) => ({ ...json, image: 'AAAA', [`name"${text}`]: 'value' })],
];
const cases = places.flatMap(([place, put]) => texts.map((text) => [place, JSON.stringify(text), put(text)] as const));

describe('no input of a caller becomes a separate header or request', () => {
  test.each(cases)('in %s: %s', async (_place, _text, value) => {
    const wire = await onTheWire(value);
    expect(wire.split(/[\r\n]+/).filter((line) => /^\0?x-injected/i.test(line))).toEqual([]);
    expect(wire.match(/HTTP\/1\.1\r\n/g) ?? []).toHaveLength(wire === '' ? 0 : 1);
  });

  test.each([
    ['transfer-encoding', 'chunked'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['content-length', '0'],
    ['Content-Length', '3, 4'],
    ['connection', 'content-length'],
    ['expect', '100-continue'],
    ['upgrade', 'h2c'],
    ['te', 'trailers'],
    ['trailer', 'x-a'],
    ['proxy-authorization', 'Basic eDp5'],
    ['host', 'internal.example'],
  ])('a header that frames or routes the request is the adapter’s own: %s: %s', async (name, text) => {
    const wire = await onTheWire({ ...web, __ow_headers: { ...web.__ow_headers, [name]: text } });
    const [head = '', body] = wire.split('\r\n\r\n');
    expect(body).toBe('body');
    expect(head.split('\r\n').filter((line) => line.toLowerCase() === `${name}: ${text}`.toLowerCase())).toEqual([]);
    expect(head.match(/^content-length: .*$/gim)).toEqual(['Content-Length: 4']);
    expect(head).not.toMatch(/^(transfer-encoding|upgrade|te|trailer|expect|proxy-authorization):/im);
  });
});
