import { mkdtemp, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { startAdapter, type AdapterProcess } from '../../start-adapter.ts';
import { echoServer } from '../../echo-server.ts';

const marker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n';
const predict = { method: 'POST', path: '/mirror', input: { kind: 'json' } };
const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: echoServer,
  predict: { ...predict, path: '/mirror' },
};
// With these parameters the echo server answers with JSON.
const asJson = { ...row, predict: { ...predict, path: '/mirror', parameters: [{ name: 'type' }, { name: 'status' }] } };

function markers(text: string): number {
  return text.split(marker).length - 1;
}

/** Waits until both streams have this number of markers, because output arrives independently of replies. */
async function expectMarkers(count: number): Promise<void> {
  await vi.waitFor(() => {
    const { stdout, stderr } = adapter.output();
    expect([markers(stdout), markers(stderr)]).toEqual([count, count]);
  }, 20_000);
}

let adapter: AdapterProcess;
const shared = new Map<object, Promise<AdapterProcess>>();

/** One process for all tests of a row that do not change its state. */
async function sharedAdapter(forRow: object): Promise<AdapterProcess> {
  const started = shared.get(forRow) ?? startAdapter(forRow);
  shared.set(forRow, started);
  return await started;
}

afterEach(async () => {
  if (!(await Promise.all(shared.values())).includes(adapter)) await adapter.stop();
});
afterAll(async () => {
  for (const each of shared.values()) await (await each).stop();
});

describe('POST /init', () => {
  test.each([
    ['7.1 handle initialization with no code', { value: { code: '', main: '', binary: false, env: null } }],
    ['7.1 handle initialization with no content', {}],
    ["7.2 run sample with 'null' init", { value: { code: null } }],
    ['7.2 run sample with init that does nothing', { value: {} }],
    ['an empty body', ''],
    ['code, which is ignored: the image is the code', { value: { code: 'function main() {}', main: 'other' } }],
  ])('%s', async (_title, body) => {
    adapter = await startAdapter(row, { MODELWHISK_LOG: 'off' });
    const reply = await adapter.post('/init', body);
    expect([reply.status, reply.headers.get('content-length')]).toEqual([200, String(Buffer.byteLength(reply.text))]);
    expect(adapter.output()).toEqual({ stdout: '', stderr: '' });
  });

  test('7.1 fail to initialize a second time', async () => {
    adapter = await startAdapter(row, { MODELWHISK_LOG: 'off' });
    await adapter.post('/init', {});
    const second = await adapter.post('/init', {});
    expect([second.status, second.json]).toEqual([403, { error: 'Cannot initialize the action more than once.' }]);
    const printed = (): string => Object.values(adapter.output()).join('');
    await expect.poll(printed).toBe('Cannot initialize the action more than once.\n');
  });

  test('7.1 export environment variables before initialization, empty strings kept, but never the API key', async () => {
    adapter = await startAdapter(row);
    await adapter.post('/init', { value: { env: { SOME_VAR: 'xyz', ANOTHER_VAR: '', __OW_API_KEY: 'secret' } } });
    const read = async (name: string): Promise<unknown> =>
      (await adapter.run({ __ow_method: 'get', __ow_path: `/environment/${name}` }))['body'];
    expect([await read('SOME_VAR'), await read('ANOTHER_VAR')]).toEqual(['"xyz"', '""']);
    expect(Buffer.from(String(await read('__OW_API_KEY')), 'base64').toString()).toBe('null');
  });

  test.each([
    ['no JSON', '{', 'the body of /init is not JSON'],
    ['no object', '[]', 'the body of /init is an array; expected an object'],
  ])('refuses a body that is %s, and can be called again', async (_title, body, error) => {
    adapter = await startAdapter(row);
    const refused = await adapter.post('/init', body);
    expect([refused.status, refused.json]).toEqual([400, { error }]);
    expect((await adapter.post('/init', {})).status).toBe(200);
  });

  test('fails with the last output of a model server that does not start, and ends that activation in the log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
    await writeFile(
      join(folder, 'app.mjs'),
      'console.log("loading weights"); throw new Error("weights.h5 is truncated");',
    );
    const server = { ...row.server, module: join(folder, 'app.mjs') };
    adapter = await startAdapter({ ...row, server });
    const reply = await adapter.post('/init', {});
    const error = 'the model server failed to start: weights.h5 is truncated; its last output:\n  loading weights';
    expect([reply.status, reply.json]).toEqual([502, { error }]);
    await expectMarkers(1);
    const run = await adapter.run({ __ow_method: 'get' });
    expect([run['statusCode'], run['body']]).toEqual([502, expect.stringContaining('weights.h5 is truncated')]);
  });
});

describe('POST /run', () => {
  test('7.2 run sample without init', async () => {
    adapter = await startAdapter(row);
    expect(await adapter.run({ __ow_method: 'get', __ow_path: '/status/200' })).toMatchObject({ statusCode: 200 });
    await expectMarkers(1);
  });

  test('7.2 run with argument: two runs, two markers on each stream', async () => {
    adapter = await startAdapter(asJson);
    await adapter.run({ type: 'application/json' });
    await adapter.run({ type: 'application/json' });
    await expectMarkers(2);
  });

  test.each([
    ['ascii', { string: 'hello' }],
    ['unicode', { delimiter: '❄ ☃ ❄' }],
    ['numbers', { numbers: [42, 1, 0.5] }],
    ['nested object', { object: { string: 'a', number: 2, null: null } }],
  ])('7.1 echo arguments: %s', async (_title, value) => {
    adapter = await sharedAdapter(asJson);
    expect(await adapter.run({ ...value, type: 'application/json' })).toEqual(value);
  });

  test('7.1 handle unicode in logs and result', async () => {
    adapter = await startAdapter({ ...row, predict: { path: '/print', method: 'GET', input: { kind: 'query' } } });
    expect(await adapter.run({})).toEqual({ delimiter: '❄' });
    await expectMarkers(1);
    await expect.poll(() => adapter.output().stdout).toContain('❄ ☃ ❄ on stdout\n');
    await expect.poll(() => adapter.output().stderr).toContain('❄ ☃ ❄ on stderr\n');
  });

  test('7.1 echo a large input', async () => {
    adapter = await sharedAdapter(asJson);
    const arg = 'a'.repeat(1_048_561);
    expect(await adapter.run({ arg, type: 'application/json' })).toEqual({ arg });
  });

  test('7.1 confirm expected environment variables: the context reaches the model server as headers, the key does not', async () => {
    adapter = await startAdapter(row);
    const envelope = {
      api_key: 'uuid:secret', namespace: 'guest', action_name: '/guest/echo', action_version: '0.0.1',
      activation_id: 'f00', transaction_id: 'bar', deadline: String(Date.now() + 60_000),
    }; // prettier-ignore
    const result = await adapter.run({ __ow_method: 'get', __ow_path: '/seen' }, envelope);
    const { headers } = JSON.parse(String(result['body'])) as { headers: string[] };
    expect(headers).toEqual(
      expect.arrayContaining(['x-openwhisk-namespace', 'guest', 'x-openwhisk-activation-id', 'f00']),
    );
    expect(JSON.stringify(result) + JSON.stringify(adapter.output())).not.toContain('secret');
  });

  test('7.3 support application errors: a plain invocation that the model refuses is an error', async () => {
    adapter = await sharedAdapter(asJson);
    expect(await adapter.run({ type: 'application/json', status: 422, message: 'no' })).toEqual({
      error: { statusCode: 422, message: 'no', content_type: 'application/json', body: { message: 'no' } },
    });
  });

  test('7.3 concurrent runs: a hundred overlap, every one is answered, and no log text follows the last marker', async () => {
    adapter = await startAdapter(row);
    const runs = Array.from({ length: 100 }, (_, index) => adapter.run({ __ow_method: 'get', __ow_path: `/${index}` }));
    const bodies = (await Promise.all(runs)).map(({ body }) => (JSON.parse(String(body)) as { url: string }).url);
    expect(bodies).toEqual(Array.from({ length: 100 }, (_, index) => `/${index}`));
    await expectMarkers(100);
    expect(adapter.output().stdout.endsWith(marker)).toBe(true);
  });

  test.each([
    ['7.2 bad run argument', '{"value":"A"}', 'the value of /run is "A"; expected an object of parameters'],
    ['7.2 array as input param', '{"value":[1]}', 'the value of /run is an array; expected an object of parameters'],
    ['no JSON', '{', 'the body of /run is not JSON'],
    ['no object', '[]', 'the body of /run is an array; expected an object'],
  ])('answers %s with 200 and an application error, so that the container lives', async (_title, body, message) => {
    adapter = await sharedAdapter(row);
    const reply = await adapter.post('/run', body);
    expect([reply.status, reply.json]).toMatchObject([200, { error: { statusCode: 400, message } }]);
  });

  test.each([
    ['a web action whose parameters no platform sends', { __ow_method: 'get', __ow_path: 7 }, 400],
    ['a model server that hangs up', { __ow_method: 'get', __ow_path: '/hang-up' }, 502],
    ['a model server that breaks its reply off', { __ow_method: 'get', __ow_path: '/half' }, 502],
    ['a model server that throws outside of any handler', { __ow_method: 'get', __ow_path: '/throw-later' }, 502],
    ['a model server that says 500', { __ow_method: 'get', __ow_path: '/status/500' }, 500],
    [
      'a reply in an encoding that nobody knows',
      { __ow_method: 'put', __ow_path: '/mirror', __ow_query: 'header=content-encoding=zip', __ow_body: 'AAAA' },
      502,
    ],
    [
      'a reply over the size of a result',
      { __ow_method: 'get', __ow_path: '/large', __ow_query: 'type=image/png&bytes=800000' },
      413,
    ],
  ])('answers %s in statusCode, with HTTP 200, and continues', async (_title, value, statusCode) => {
    adapter = await sharedAdapter(row);
    const reply = await adapter.post('/run', { value });
    expect([reply.status, reply.json]).toMatchObject([200, { statusCode }]);
    expect(await adapter.run({ __ow_method: 'get', __ow_path: '/status/201' })).toMatchObject({ statusCode: 201 });
  });

  test('aborts a call shortly before the deadline, with 504 and the time it took', async () => {
    adapter = await startAdapter(row, { MODELWHISK_DEADLINE_MARGIN: '1500' });
    const deadline = Date.now() + 2000;
    const result = await adapter.run({ __ow_method: 'get', __ow_path: '/hang' }, { deadline: String(deadline) });
    expect(Date.now()).toBeLessThan(deadline);
    expect(result['statusCode']).toBe(504);
    expect(JSON.parse(String(result['body']))).toMatchObject({
      code: 'MODEL_TIMEOUT',
      milliseconds: expect.any(Number) as number,
    });
  });

  test.each([
    ['further off than a timer reaches', '99999999999999'],
    ["of a platform whose clock is behind the container's", '1700000000000'],
    ['that is none', { valueOf: 1, toString: 1 }],
    ['that is an empty array', []],
  ])('calls the model server with a deadline %s', async (_title, deadline) => {
    adapter = await sharedAdapter(row);
    const runs = Array.from({ length: 20 }, () =>
      adapter.run({ __ow_method: 'get', __ow_path: '/late' }, { deadline }),
    );
    expect(new Set((await Promise.all(runs)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  });

  test.each([
    [{ __ow_method: 'connect', __ow_path: '' }, 'the method is CONNECT'],
    [{ __ow_method: 'get', __ow_path: '', __ow_headers: { 'x-a': 'b\r\nc: d' } }, 'header x-a is'],
  ])('a call that HTTP cannot carry is refused at once: %j', async (value, message) => {
    adapter = await sharedAdapter(row);
    const reply = await adapter.run(value, { deadline: String(Date.now() + 30_000) });
    expect(reply).toMatchObject({ statusCode: 400, body: expect.stringContaining(message) as string });
  });

  test('is answered with a Content-Length, not chunked, not compressed', async () => {
    adapter = await sharedAdapter(row);
    const reply = await adapter.post('/run', {
      value: { __ow_method: 'get', __ow_path: '/large', __ow_query: 'type=text/plain&bytes=90000' },
    });
    expect(reply.headers.get('content-length')).toBe(String(Buffer.byteLength(reply.text)));
    expect([reply.headers.get('transfer-encoding'), reply.headers.get('content-encoding')]).toEqual([null, null]);
  });

  test('decodes a content encoding', async () => {
    adapter = await sharedAdapter(row);
    const value = {
      __ow_method: 'put',
      __ow_path: '/mirror',
      __ow_query: 'type=text/plain&header=content-encoding=gzip',
    };
    const body = gzipSync('text').toString('base64');
    expect(await adapter.run({ ...value, __ow_headers: {}, __ow_body: body })).toMatchObject({
      statusCode: 200,
      body: 'text',
    });
  });

  test('takes a file by reference in a JSON body and in a plain invocation', async () => {
    const input = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
    adapter = await startAdapter({ ...row, predict: { path: '/form', input } });
    const web = {
      __ow_method: 'post',
      __ow_headers: { 'content-type': 'application/json' },
      __ow_path: '',
      image_base64: 'iVA=',
    };
    const echoed = [
      JSON.parse(String((await adapter.run(web))['body'])),
      await adapter.run({ image_base64: 'iVA=' }),
    ] as { body: string }[];
    for (const { body } of echoed) {
      const form = Buffer.from(body, 'base64').toString('latin1');
      expect(form).toMatch(/name="image"; filename="image.png"\r\nContent-Type: image\/png\r\n\r\n\x89P\r\n/i);
    }
  });
});

describe('the log', () => {
  test('has one JSON line per activation: sizes and times, never bodies or secrets', async () => {
    adapter = await startAdapter(row);
    const value = {
      __ow_method: 'post',
      __ow_path: '/x',
      __ow_query: 'token=hush',
      __ow_headers: { authorization: 'hush', 'content-type': 'text/plain' },
      __ow_body: 'hush',
    };
    await adapter.run(value, { activation_id: 'f00' });
    await expectMarkers(1);
    const [, line = ''] = adapter.output().stdout.split('\n');
    expect(JSON.parse(line)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      activationId: 'f00', method: 'POST', path: '/x', status: 200, bytesIn: 4, bytesOut: expect.any(Number) as number,
      modelMilliseconds: expect.any(Number) as number, adapterMilliseconds: expect.any(Number) as number,
    }); // prettier-ignore
    expect(line).not.toContain('hush');
  });

  test('is silent by setting, except for the markers', async () => {
    adapter = await startAdapter(row, { MODELWHISK_LOG: 'off' });
    await adapter.run({ __ow_method: 'get' });
    await expectMarkers(1);
    expect(adapter.output()).toEqual({ stdout: marker, stderr: marker });
  });
});

describe('the process', () => {
  test('drains on SIGTERM: the call in progress is answered, then it exits with 0', async () => {
    adapter = await startAdapter(row, { MODELWHISK_DEADLINE_MARGIN: '100' });
    const running = adapter.run({ __ow_method: 'get', __ow_path: '/hang' }, { deadline: String(Date.now() + 600) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exited = adapter.stop();
    expect(await running).toMatchObject({ statusCode: 504 });
    expect(await exited).toBe(0);
  });

  test('closes the connection of the call in progress at SIGTERM, also one that its invoker keeps', async () => {
    adapter = await startAdapter(row, { MODELWHISK_DEADLINE_MARGIN: '100' });
    const socket = new Socket().connect(adapter.port, '127.0.0.1').setEncoding('latin1');
    const value = { __ow_method: 'get', __ow_path: '/hang' };
    const body = JSON.stringify({ value, deadline: String(Date.now() + 1000) });
    socket.write(`POST /run HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    // The call before has arrived when this one is answered.
    await adapter.run({ __ow_method: 'get' });
    const exited = adapter.stop();
    expect((await socket.toArray()).join('')).toContain('"statusCode":504');
    expect(await exited).toBe(0);
  });

  test.each([
    ['/init', '{"value":{}}', '{"ok":true}'],
    ['/unknown', '{}', 'is not part of the action interface'],
  ])(
    'answers a request to %s that has begun to arrive at SIGTERM, and closes its connection',
    async (path, body, answer) => {
      adapter = await startAdapter(row, {});
      const socket = new Socket().connect(adapter.port, '127.0.0.1').setEncoding('latin1');
      const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
      const begun = path === '/init' ? `${head}{` : head.slice(0, 10);
      socket.write(begun);
      // What was sent before has arrived when this call is answered.
      await adapter.run({ __ow_method: 'get' });
      const exited = adapter.stop();
      await expect.poll(() => adapter.output().stdout).toContain('no new calls are taken');
      socket.write(`${head}${body}`.slice(begun.length));
      expect((await socket.toArray()).join('')).toContain(answer);
      expect(await exited).toBe(0);
    },
  );

  test('exits at SIGTERM although a connection is open that has sent nothing', async () => {
    adapter = await startAdapter(row, {});
    const socket = new Socket().connect(adapter.port, '127.0.0.1').on('error', () => undefined);
    // The connection before has been accepted when this call is answered.
    await adapter.run({ __ow_method: 'get' });
    expect(await adapter.stop()).toBe(0);
    socket.destroy();
  });

  test('tolerates a health probe that connects and closes, and unknown paths', async () => {
    adapter = await sharedAdapter(row);
    const probe = new Socket().connect(adapter.port, '127.0.0.1');
    await once(probe, 'connect');
    probe.destroy();
    expect((await adapter.post('/other', {})).status).toBe(404);
  });
});

describe('a wrong setting stops the start with one line', () => {
  test.each([
    ['MODELWHISK_PORT', '99999', /^modelwhisk: MODELWHISK_PORT is "99999"; expected .*\n$/],
    [
      'MODELWHISK_LOGS',
      'off',
      /^modelwhisk: MODELWHISK_LOGS is "off"; expected one of the known settings: .*MODELWHISK_LOG.*\n$/,
    ],
    ['MODELWHISK_MODEL', '{"name":', /^modelwhisk: MODELWHISK_MODEL is .*; expected the model's catalogue row.*\n$/],
  ])('%s=%s', async (name, value, message) => {
    await expect(startAdapter(row, { [name]: value })).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(new RegExp(message.source.replace('^', '^the adapter exited: '))) as string,
      }) as Error,
    );
  });
});
