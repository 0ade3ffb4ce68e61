import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { operatorMessage } from '../../../adapter/errors.ts';
import { createExpressModelServer } from '../../../adapter/model/express.ts';
import type { ModelRequest } from '../../../adapter/http/message.ts';
import type { ModelServer } from '../../../adapter/model/model-server.ts';

import { wholeReply } from '../../support/whole-reply.ts';

const echoApp = join(import.meta.dirname, '../echo-app.ts');

function request(path: string, parts: Partial<ModelRequest> = {}): ModelRequest {
  const signal = new AbortController().signal;
  return {
    method: 'GET',
    path,
    query: '',
    headers: [],
    body: Buffer.alloc(0),
    signal,
    deadline: Number.POSITIVE_INFINITY,
    ...parts,
  };
}

describe('an Express app in process', () => {
  let model: ModelServer;
  beforeAll(async () => {
    model = createExpressModelServer({ module: echoApp, export: 'app' });
    await model.ready();
  });
  afterAll(() => model.close());

  async function echo(sent: ModelRequest): Promise<{ method: string; url: string; headers: string[]; body: string }> {
    const response = await wholeReply(model, sent);
    return JSON.parse(Buffer.from(response.body).toString()) as Awaited<ReturnType<typeof echo>>;
  }

  test.each([
    ['dot segments', '/a/../b', ''],
    ['broken percent encoding', '/a%zz', 'b=%zz'],
    ['characters that URL parsers rewrite', '/a|b^c`{}"', "q='<>|"],
    ['double slashes and a trailing dot', '//a//b/.', 'a=1&a=2&&=;'],
  ])('gets path and query unchanged: %s', async (_rule, path, query) => {
    expect((await echo(request(path, { query }))).url).toBe(query === '' ? path : `${path}?${query}`);
  });

  test('gets repeated headers unchanged, and besides the caller’s headers only host and connection', async () => {
    const headers = [
      ['x-one', 'a'],
      ['cookie', 'a=1; b=2'],
      ['x-one', 'b\u00e9'],
    ] as const;
    expect((await echo(request('/', { headers }))).headers).toEqual([
      'Host', 'model', 'x-one', 'a', 'cookie', 'a=1; b=2', 'x-one', 'b\u00e9', 'Connection', 'keep-alive',
    ]); // prettier-ignore
  });

  test.each(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'gets bytes untouched whatever the type says: %s',
    async (type) => {
      const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const sent = request('/', { method: 'POST', headers: [['content-type', type]], body });
      expect((await echo(sent)).body).toBe(body.toString('base64'));
    },
  );

  test('returns bytes, encodings and repeated headers as the app sent them', async () => {
    const body = gzipSync('text');
    const query = 'type=text/html&header=content-encoding=gzip&header=set-cookie=a&header=set-cookie=b';
    const response = await wholeReply(model, request('/mirror', { method: 'PUT', query, body }));
    expect(Buffer.from(response.body)).toEqual(body);
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toEqual([['set-cookie', 'a'], ['set-cookie', 'b']]); // prettier-ignore
    expect(response.headers).toContainEqual(['content-encoding', 'gzip']);
  });

  test.each([301, 304, 404, 500])('passes status %i on and follows no redirect', async (status) => {
    expect((await model.handle(request(`/status/${status}`))).status).toBe(status);
  });

  test('answers HEAD without a body', async () => {
    const response = await model.handle(request('/print', { method: 'HEAD' }));
    expect([response.status, response.body.length]).toEqual([200, 0]);
  });

  test('serves overlapping calls', async () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
    const replies = await Promise.all(paths.map((path) => echo(request(path))));
    expect(replies.map(({ url }) => url)).toEqual(paths);
  });

  test.each([
    ['hangs up', '/hang-up', 'MODEL_CRASHED'],
    ['breaks its reply off', '/half', 'MODEL_CRASHED'],
    ['throws outside of any handler', '/throw-later', 'MODEL_CRASHED'],
    ['replies with a status that HTTP does not know', '/status/999', 'MODEL_REPLY'],
    ['changes the protocol', '/upgrade', 'MODEL_REPLY'],
  ])('fails the call, and only it, when the app %s', async (_what, path, code) => {
    vi.spyOn(console, 'error').mockImplementationOnce(() => undefined);
    await expect(wholeReply(model, request(path))).rejects.toMatchObject({ name: 'ModelServerError', code });
    expect((await echo(request('/after'))).url).toBe('/after');
  });

  test('fails no other call that runs at the same time when the app throws outside of any handler', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const slow = { query: 'milliseconds=100' };
    const calls = [request('/slow', slow), request('/slow', slow), request('/throw-later'), request('/slow', slow)];
    const ended = await Promise.allSettled(calls.map((each) => wholeReply(model, each)));
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    vi.restoreAllMocks();
  });

  test.each([
    ['while the app hangs', () => AbortSignal.timeout(20)],
    ['before the call', () => AbortSignal.abort()],
  ])('fails with MODEL_TIMEOUT when the signal is aborted %s', async (_when, signal) => {
    const call = model.handle(request('/hang', { signal: signal() }));
    await expect(call).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
  });

  test('passes later variables to the app', async () => {
    await model.configure({ ANOTHER_VAR: '', SOME_VAR: 'xyz' });
    const read = async (name: string): Promise<string> =>
      (await wholeReply(model, request(`/environment/${name}`))).body.toString();
    expect([await read('SOME_VAR'), await read('ANOTHER_VAR')]).toEqual(['"xyz"', '""']);
  });
});

describe('an Express app that cannot start', () => {
  test.each([
    ['a missing module', undefined, /failed to start: .*missing\.mjs/],
    ['no such export', 'export const server = 1;', /exports no app named "app" \(it exports server\)/],
    [
      'an export that is not an app',
      'export const app = { listen: true };',
      /exports something else than an app as "app"/,
    ],
    [
      'a module that throws, with what it printed last',
      'process.stderr.write("reading model.onnx\\n"); throw new Error("model.onnx is not a model");',
      /failed to start: model.onnx is not a model; its last output:\n  reading model.onnx/,
    ],
  ])('says why: %s', async (_what, source, message) => {
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
    const module = join(folder, source === undefined ? 'missing.mjs' : 'app.mjs');
    if (source !== undefined) await writeFile(module, source);
    const model = createExpressModelServer({ module, export: 'app' });
    expect(operatorMessage(await model.ready().catch((error: unknown) => error))).toMatch(message);
    await expect(model.handle(request('/'))).rejects.toMatchObject({ code: 'MODEL_START' });
    await model.close();
    vi.restoreAllMocks();
  });
});
