import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { withFormInput } from '../../../adapter/inputs/form-input.ts';
import type { Header, WholeRequest } from '../../../adapter/http/message.ts';
import { modelRow } from '../../../core/row.ts';

const row = modelRow.parse({
  name: 'digits',
  title: 'Digits',
  image: 'example/digits',
  server: { kind: 'http', port: 5000 },
  predict: {
    input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
    parameters: [{ name: 'threshold', type: 'number' }, { name: 'label' }],
  },
});
const policy = parseFetchPolicy({ MODELWHISK_FETCH_ALLOW_HOSTS: '127.0.0.1' });
const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const base64 = bytes.toString('base64');
const base64url = bytes.toString('base64url');

let server: Server;
let origin: string;

beforeAll(async () => {
  const types: Readonly<Record<string, string>> = {
    '/pixel.jpg': 'image/jpeg',
    '/object': 'binary/octet-stream',
    '/odd': 'image/jpeg; note="é"',
  };
  server = createServer((request, response) => {
    const type = types[request.url ?? ''];
    if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

function requestOf(body: unknown, overrides: Partial<WholeRequest> = {}): WholeRequest {
  return {
    method: 'POST',
    path: '/model/predict',
    query: '',
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    ...overrides,
  };
}

interface ParsedPart {
  readonly name: string;
  readonly text?: string;
  readonly file?: { readonly filename: string; readonly contentType: string; readonly body: Buffer };
}

/** Parses the form with Node's own multipart parser. */
async function partsOf(request: WholeRequest): Promise<readonly ParsedPart[]> {
  const headers: Header[] = request.headers
    .filter(([name]) => name === 'content-type')
    .map(([name, value]) => [name, value]);
  const form = await new Response(Buffer.from(request.body), { headers: headers as [string, string][] }).formData();
  return Promise.all(
    [...form.entries()].map(async ([name, value]) =>
      typeof value === 'string'
        ? { name, text: value }
        : {
            name,
            file: { filename: value.name, contentType: value.type, body: Buffer.from(await value.arrayBuffer()) },
          },
    ),
  );
}

const image = { filename: 'image.png', contentType: 'image/png', body: bytes };

describe('JSON that names the file becomes the form', () => {
  test.each<[string, () => Record<string, unknown>, Partial<typeof image>?]>([
    ['base64', () => ({ image_base64: base64 })],
    ['base64 without padding', () => ({ image_base64: base64.replaceAll('=', '') })],
    ['base64 in the URL-safe alphabet', () => ({ image_base64: base64url })],
    ['base64 under the name of the field', () => ({ image: base64 })],
    ["the bytes of Node's Buffer", () => ({ image: bytes.toJSON() })],
    ['a data: URL', () => ({ image: `data:image/gif;base64,${base64}` }), { contentType: 'image/gif' }],
    [
      'a data: URL as base64',
      () => ({ image_base64: `data:image/gif;base64,${base64}` }),
      { contentType: 'image/gif' },
    ],
    ['a data: URL as URL', () => ({ image_url: `data:;base64,${base64}` })],
    [
      'a data: URL with escapes',
      () => ({ image: `data:,a%20%FF%00%25é` }),
      { body: Buffer.from('a \xff\0%Ã©', 'latin1') },
    ],
    [
      'a data: URL with parameters',
      () => ({ image: `DATA:image/tiff;page=2;base64,${encodeURIComponent(base64)}` }),
      { contentType: 'image/tiff;page=2' },
    ],
    ['a data: URL with only a charset', () => ({ image: 'data:;charset=utf-8,1' }), { body: Buffer.from('1') }],
    [
      'a data: URL that would break out of the header',
      () => ({ image: `data:image/gif;x="\r\nEvil: 1";base64,${base64}` }),
    ],
    ['a URL', () => ({ image_url: `${origin}/pixel.jpg` }), { contentType: 'image/jpeg', filename: 'pixel.jpg' }],
    [
      'a URL under the name of the field',
      () => ({ image: ` ${origin}/pixel.jpg\n` }),
      { contentType: 'image/jpeg', filename: 'pixel.jpg' },
    ],
    ['a URL whose type only says bytes', () => ({ image_url: `${origin}/object` })],
    ['a URL whose type cannot stand in a part', () => ({ image_url: `${origin}/odd` })],
    ['an empty URL beside base64', () => ({ image_base64: base64, image_url: '' })],
    ['an empty base64 beside a URL', () => ({ image_base64: '', image_url: `${origin}/object` })],
    ['null beside base64', () => ({ image_base64: base64, image_url: null, image: null })],
  ])('%s', async (_, body, expected) => {
    const converted = await withFormInput(requestOf(body()), row, policy);
    expect(await partsOf(converted)).toEqual([{ name: 'image', file: { ...image, ...expected } }]);
  });

  test('base64 of several megabytes', async () => {
    const large = Buffer.alloc(5_000_000, bytes);
    const request = requestOf({ image_base64: large.toString('base64') });
    const [part] = await partsOf(await withFormInput(request, row, policy));
    expect(part?.file?.body.equals(large)).toBe(true);
  });

  test.each([['application/json; charset=utf-8'], ['application/vnd.api+json'], ['APPLICATION/JSON']])(
    'sent as %s',
    async (contentType) => {
      const request = requestOf({ image_base64: base64 }, { headers: [['content-type', contentType]] });
      expect(await partsOf(await withFormInput(request, row, policy))).toEqual([{ name: 'image', file: image }]);
    },
  );

  test('other members become query parameters if the row declares them, else form fields', async () => {
    const body = {
      image_base64: base64,
      threshold: 0.5,
      label: ['a b', 'c&d'],
      user: 'zoë',
      n: 1,
      flag: false,
      none: null,
      empty: '',
      list: [1, 'x'],
      object: { a: [1] },
    };
    const converted = await withFormInput(requestOf(body, { query: 'threshold=0.1&page=2' }), row, policy);
    expect(converted.query).toBe('page=2&threshold=0.5&label=a+b&label=c%26d');
    expect(await partsOf(converted)).toEqual([
      { name: 'user', text: 'zoë' },
      { name: 'n', text: '1' },
      { name: 'flag', text: 'false' },
      { name: 'empty', text: '' },
      { name: 'list', text: '1' },
      { name: 'list', text: 'x' },
      { name: 'object', text: '{"a":[1]}' },
      { name: 'image', file: image },
    ]);
  });

  test('numbers keep every digit', async () => {
    const body = `{"image": "${base64}", "threshold": 1.0, "label": [1e400, "x"], "n": 12345678901234567890, "object": {"a": [-0]}}`;
    const converted = await withFormInput(requestOf(body), row, policy);
    expect(converted.query).toBe('threshold=1.0&label=1e400&label=x');
    expect(await partsOf(converted)).toEqual([
      { name: 'n', text: '12345678901234567890' },
      { name: 'object', text: '{"a": [-0]}' },
      { name: 'image', file: image },
    ]);
  });

  test('a query that needs no parameter stays unchanged, byte for byte', async () => {
    const converted = await withFormInput(requestOf({ image: base64 }, { query: 'a=%7e+~&b' }), row, policy);
    expect(converted.query).toBe('a=%7e+~&b');
  });

  test('names and texts with quotes, line breaks and UTF-8 stay inside their part', async () => {
    const text = 'x\r\n--boundary--\r\nContent-Disposition: form-data; name="image"\r\n\r\n☃';
    const odd = modelRow.parse({
      ...row,
      predict: { ...row.predict, input: { ...row.predict.input, field: 'bild "é"', filename: 'snow "☃".png' } },
    });
    const body = { 'bild "é"': base64, 'a"\r\nb': text, __proto__: 'kept' };
    const converted = await withFormInput(requestOf({ ...body, ['__proto__']: 'kept' }), odd, policy);
    expect(await partsOf(converted)).toEqual([
      { name: 'a"\r\nb', text },
      { name: '__proto__', text: 'kept' },
      { name: 'bild "é"', file: { ...image, filename: 'snow "☃".png' } },
    ]);
  });

  test('the other headers, the signal and the deadline are kept', async () => {
    const request = requestOf(
      { image: base64 },
      {
        headers: [
          ['X-Openwhisk-Activation-Id', 'abc'],
          ['Content-Type', 'application/json'],
          ['Content-Length', '99'],
          ['accept', 'a'],
          ['accept', 'b'],
        ],
      },
    );
    const { headers, signal, deadline } = await withFormInput(request, row, policy);
    expect(headers).toEqual([
      ['X-Openwhisk-Activation-Id', 'abc'],
      ['accept', 'a'],
      ['accept', 'b'],
      ['content-type', expect.stringMatching(/^multipart\/form-data; boundary=/)],
    ]);
    expect(signal).toBe(request.signal);
    expect(deadline).toBe(request.deadline);
  });
});

test('a further route of a model that takes JSON may take a file, with its own query parameters', async () => {
  const input = { kind: 'file', field: 'photo', filename: 'photo.png', contentType: 'image/png' };
  const model = modelRow.parse({
    ...row,
    predict: { path: '/summarize', input: { kind: 'json' }, parameters: [{ name: 'label' }] },
    routes: [
      { method: 'POST', path: '/classify', input, parameters: [{ name: 'top' }] },
      { method: 'POST', path: '/plain' },
    ],
  });
  const named = { photo_base64: base64, top: 3, label: 'x' };
  const made = await withFormInput(requestOf(named, { path: '/classify' }), model, policy);
  expect(made.query).toBe('top=3');
  expect(await partsOf(made)).toMatchObject([{ name: 'label', text: 'x' }, { name: 'photo' }]);
  for (const path of ['/summarize', '/plain']) {
    const request = requestOf(named, { path });
    expect(await withFormInput(request, model, policy)).toBe(request);
  }
});

describe('any other request is returned unchanged', () => {
  const json = modelRow.parse({ ...row, predict: { ...row.predict, input: { kind: 'json' } } });
  const named = { image_base64: base64 };
  test.each([
    ['another path', requestOf(named, { path: '/ai' }), row],
    ['another method', requestOf(named, { method: 'PUT' }), row],
    ['a model that takes JSON', requestOf(named), json],
    ['a form', requestOf(named, { headers: [['content-type', 'multipart/form-data; boundary=x']] }), row],
    ['no Content-Type', requestOf(named, { headers: [] }), row],
    ['an object that does not name the file', requestOf({ url: 'x', image_URL: 'y' }), row],
    ['an array', requestOf([named]), row],
    ['null', requestOf('null'), row],
    ['malformed JSON', requestOf('{"image_base64": "'), row],
    ['JSON that is not UTF-8', requestOf('', { body: Buffer.from('{"image":"\xff"}', 'latin1') }), row],
    ['an empty body', requestOf(''), row],
  ])('%s', async (_, request, model) => {
    expect(await withFormInput(request, model, policy)).toBe(request);
  });
});

describe('a file that cannot be read is a CallerError', () => {
  const all = 'give one of "image_base64", "image_url", "image", or "bucket" and "key"';
  test.each<[string, Record<string, unknown>, number, string, (string | undefined)?]>([
    [
      'both',
      { image_base64: base64, image_url: 'https://x.example/' },
      400,
      'the input file is named twice, by "image_base64" and "image_url"',
    ],
    ['all empty', { image_base64: '', image_url: '' }, 400, '"image_base64" and "image_url" are empty', all],
    ['empty', { image: null }, 400, '"image" is empty', all],
    [
      'a line break in base64',
      { image_base64: `${base64.slice(0, 76)}\n${base64.slice(76)}` },
      400,
      '"image_base64" is not base64: character 77 is "\\n"',
      'encode without line breaks and spaces, as base64 -w0 FILE does',
    ],
    ['a space in URL-safe base64', { image: '-_ -' }, 400, '"image" is not base64: character 3 is " "'],
    ['both alphabets', { image: 'ab+-' }, 400, '"image" is not base64: character 4 is "-"'],
    ['a character beyond base64', { image: 'ab😀d' }, 400, '"image" is not base64: character 3 is "😀"'],
    ['padding in the middle', { image: 'YQ==YQ==' }, 400, '"image" is not base64: character 3 is "="'],
    ['too much padding', { image: 'YWI===' }, 400, '"image" is not base64: character 4 is "="'],
    [
      'wrong padding',
      { image: 'YWI==' },
      400,
      '"image" is not base64: 5 characters cannot be a whole number of bytes',
      'it may have been cut short',
    ],
    [
      'a length that is impossible',
      { image: 'YWJjZ' },
      400,
      '"image" is not base64: 5 characters cannot be a whole number of bytes',
    ],
    [
      'broken base64 in a data: URL',
      { image: 'data:image/png;base64,YQ!' },
      400,
      '"image" is not base64: character 3 is "!"',
    ],
    [
      'a data: URL without data',
      { image: 'data:image/png' },
      400,
      '"image" is a data: URL without a comma before its data',
    ],
    ['base64 as URL', { image_url: base64 }, 400, '"image_url" is not a URL: "AAECAw'],
    [
      'a URL as base64',
      { image_base64: 'https://x.example/' },
      400,
      '"image_base64" is not base64: character 6 is ":"',
    ],
    [
      'another scheme',
      { image_url: 'ftp://x.example/a.png' },
      400,
      '"image_url" is a URL with the scheme "ftp:"; expected http:, https:, s3: or data:',
    ],
    ['a number', { image: 7 }, 400, '"image" is 7; expected a string'],
    [
      'an array',
      { image_url: ['https://x.example/'] },
      400,
      '"image_url" is ["https://x.example/"]; expected a string',
    ],
    [
      'bytes beyond 255',
      { image: { type: 'Buffer', data: [1, 256] } },
      400,
      '"image" is {"type":"Buffer","data":[1,256]}; expected a string',
    ],
    [
      'bytes as base64',
      { image_base64: { type: 'Buffer', data: [1] } },
      400,
      '"image_base64" is {"type":"Buffer","data":[1]}; expected a string',
    ],
    [
      'a private address',
      { image_url: 'http://169.254.169.254/latest/meta-data' },
      403,
      'http://169.254.169.254/latest/meta-data is refused: 169.254.169.254 has no public address',
    ],
  ])('%s', async (_, body, status, message, hint) => {
    await expect(withFormInput(requestOf(body), row, policy)).rejects.toMatchObject({
      name: 'CallerError',
      status,
      message: expect.stringContaining(message),
      ...(hint !== undefined && { hint }),
    });
  });

  test('more than a thousand form fields', async () => {
    const list = Array.from({ length: 1001 }, (_, index) => index);
    const fits = requestOf({ image: base64, list: list.slice(1) });
    expect(await partsOf(await withFormInput(fits, row, policy))).toHaveLength(1001);
    await expect(withFormInput(requestOf({ image: base64, list }), row, policy)).rejects.toMatchObject({
      status: 400,
      message: 'the input has 1001 form fields beside the file; expected at most 1000',
    });
  });

  test('a URL that answers 404', async () => {
    await expect(withFormInput(requestOf({ image_url: `${origin}/none?sig=s` }), row, policy)).rejects.toMatchObject({
      status: 502,
      message: `${origin}/none?… answered 404 Not Found`,
    });
  });
});

test('node-fetch, form-data and ipaddr.js are loaded on their first use only', async () => {
  const { metafile } = await build({
    entryPoints: ['adapter/inputs/invocation.ts', 'adapter/inputs/form-input.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'out',
    write: false,
    metafile: true,
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const loadedAtStart = (name: string): readonly string[] => {
    const output = outputs.get(name);
    const next = output?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external) ?? [];
    return [...Object.keys(output?.inputs ?? {}), ...next.flatMap(({ path }) => loadedAtStart(path))];
  };
  const entries = [...loadedAtStart('out/invocation.js'), ...loadedAtStart('out/inputs.js')];
  expect(entries).toContain('adapter/inputs/file.ts');
  expect(entries.filter((input) => input.includes('node_modules') || input.includes('fetch/fetch'))).toEqual([]);
  expect(Object.keys(metafile.inputs)).toContain('node_modules/node-fetch/src/index.js');
});
