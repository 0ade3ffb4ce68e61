import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { png } from '../../../contract/bodies.ts';
import type { ClientReply } from '../../../contract/platform-client.ts';
import { startCollector } from '../../../support/collector.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { type ChildProcess, forThisTest, spawnAdapter } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { health, predictRoute, startContainer, startEndpoint, vertexEnvironment } from './start-endpoint.ts';

const server = { kind: 'express', module: join(import.meta.dirname, 'instances-app.ts'), export: 'app' };
const base = { name: 'echo', title: 'Echo', image: 'me/echo', server };
const jsonModel = {
  ...base,
  predict: { path: '/predict', input: { kind: 'json' }, parameters: [{ name: 'top' }] },
};
const fileInput = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
const fileModel = { ...base, predict: { path: '/image', input: fileInput, output: 'image/png' } };

function post(port: number, body: string | Uint8Array, type = 'application/json', path = predictRoute) {
  const headers: Header[] = [['Content-Type', type]];
  return sendHttp(port, { method: 'POST', path, query: '', headers, body: Buffer.from(body) });
}

async function get(port: number, path: string): Promise<unknown> {
  return jsonOf(await sendHttp(port, { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0) }));
}

function textOf({ body }: ClientReply): string {
  return Buffer.from(body).toString();
}

function jsonOf(reply: ClientReply): unknown {
  return JSON.parse(textOf(reply));
}

describe('a model that takes one JSON input', () => {
  let port: number;
  let adapter: ChildProcess;
  beforeAll(async () => ({ port, adapter } = await startEndpoint(jsonModel)));
  afterAll(() => adapter.stop());

  test('is called once for each instance, 4 at a time, and the predictions keep their order', async () => {
    const instances = Array.from({ length: 12 }, (_, x) => ({ x }));
    const reply = await post(port, JSON.stringify({ instances }));
    expect(reply.status).toBe(200);
    expect(reply.headers).toContainEqual(['content-type', 'application/json']);
    expect(jsonOf(reply)).toEqual({ predictions: instances.map((got) => ({ got, query: '/predict' })) });
    expect(await get(port, '/most')).toBe(4);
  });

  test('gets parameters that an instance does not have itself, declared ones in the query', async () => {
    const body = { instances: [{ x: 1 }, { x: 2, unit: 'm' }], parameters: { unit: 'km', top: 3 } };
    expect(jsonOf(await post(port, JSON.stringify(body)))).toEqual({
      predictions: [
        { got: { unit: 'km', x: 1 }, query: '/predict?top=3' },
        { got: { unit: 'm', x: 2 }, query: '/predict?top=3' },
      ],
    });
  });

  test('gets values that are not objects unchanged, and every digit passes in both directions', async () => {
    const reply = await post(port, '{"instances":[[5.10, 12345678901234567890],"text",null]}');
    expect(textOf(reply)).toContain('{"got":[5.10, 12345678901234567890],"query":"/predict"}');
    expect(jsonOf(reply)).toMatchObject({ predictions: [{}, { got: 'text' }, { got: null }] });
    expect(textOf(await post(port, '{"instances":[]}'))).toBe('{"predictions":[]}\n');
  });

  test('a failure is named by its index, and the other predictions are present', async () => {
    const reply = await post(port, '{"instances":[{"x":1},{"status":422},{"x":3}]}');
    expect(reply.status).toBe(422);
    expect(jsonOf(reply)).toMatchObject({
      code: 'INSTANCES',
      message: 'instance 1 of 3 failed: not this one',
      failures: [{ index: 1, statusCode: 422, message: 'not this one' }],
      predictions: [{ got: { x: 1 } }, null, { got: { x: 3 } }],
    });
  });

  test.each([
    [[422, 422], 422],
    [[404, 422], 400],
    [[422, 500], 502],
  ])('failures with %j are a %i', async (statuses, status) => {
    const instances = [{ x: 1 }, ...statuses.map((each) => ({ status: each }))];
    expect((await post(port, JSON.stringify({ instances }))).status).toBe(status);
  });

  test.each([
    ['{"instances":[1],"parameters":[1]}', /parameters.* is \[1\]; expected an object/],
    ['{"instances":[1],"parameters":{"unit":"km"}}', /no object cannot be joined with the parameters unit/],
  ])('%s is refused with 400', async (body, message) => {
    const reply = await post(port, body);
    expect([reply.status, textOf(reply)]).toEqual([400, expect.stringMatching(message)]);
  });

  test.each([
    ['{"x":1}', 'application/json', '{"got":{"x":1},"query":"/predict"}'],
    ['{"instances":{"x":1}}', 'application/json', '{"got":{"instances":{"x":1}},"query":"/predict"}'],
    ['1,2', 'text/csv', '{"got":1,2,"query":"/predict"}'],
    ['{', 'application/json', '{"got":{,"query":"/predict"}'],
  ])('a raw prediction of %s passes unchanged', async (body, type, reply) => {
    expect(textOf(await post(port, body, type))).toBe(reply);
  });

  test('a body over the limit of the endpoint is a 413 that names it', async () => {
    for (const type of ['application/json', 'text/csv']) {
      const reply = await post(port, Buffer.alloc(10 * 1024 * 1024 + 1), type);
      expect([reply.status, textOf(reply)]).toEqual([413, expect.stringContaining('limit of 10485760')]);
    }
  });
});

describe('a model that takes a file', () => {
  let port: number;
  let adapter: ChildProcess;
  beforeAll(async () => ({ port, adapter } = await startEndpoint(fileModel)));
  afterAll(() => adapter.stop());

  test('gets a form for each instance that names it, and replies of other types than JSON become base64', async () => {
    const b64 = png.toString('base64');
    const reply = await post(port, JSON.stringify({ instances: [{ b64 }, { image: b64 }, { image_base64: b64 }] }));
    const prediction = { content_type: 'image/png', body: Buffer.from('a file').toString('base64') };
    expect(jsonOf(reply)).toEqual({ predictions: [prediction, prediction, prediction] });
  });

  test('gets the bytes of a raw prediction, and its reply passes unchanged', async () => {
    const reply = await post(port, png, 'image/png');
    expect([reply.status, textOf(reply)]).toEqual([200, 'a file']);
  });

  test('an instance that is not a file is refused by its index', async () => {
    const reply = await post(port, JSON.stringify({ instances: [{ image: png.toString('base64') }, 5, 'ftp://x'] }));
    expect(reply.status).toBe(400);
    expect(jsonOf(reply)).toMatchObject({ failures: [{ index: 1 }, { index: 2 }], predictions: [{}, null, null] });
  });
});

describe('a server that takes lists itself gets the whole body in one call', () => {
  const fields = [{ name: 'instances', type: 'array' }];
  test.each<[string, object, Readonly<Record<string, string>>]>([
    ['its row declares instances', { input: { kind: 'json', fields } }, {}],
    ['the setting says so', { input: { kind: 'json' } }, { MODELWHISK_VERTEX_INSTANCES: 'list' }],
  ])('if %s', async (_title, predict, settings) => {
    const { port } = await forThisTest(startEndpoint({ ...base, predict: { path: '/list', ...predict } }, settings));
    const body = '{"instances": [1, 2], "parameters": {}}';
    expect(jsonOf(await post(port, body))).toEqual({ predictions: ['whole'], got: body });
  });

  test('unless the setting says that it takes each', async () => {
    const predict = { path: '/predict', input: { kind: 'json', fields } };
    const { port } = await forThisTest(startEndpoint({ ...base, predict }, { MODELWHISK_VERTEX_INSTANCES: 'each' }));
    expect(jsonOf(await post(port, '{"instances":[1]}'))).toEqual({ predictions: [{ got: 1, query: '/predict' }] });
  });
});

test('the health route is 503 until the model is ready', async () => {
  const late = { ...server, module: join(import.meta.dirname, '../sagemaker/late-app.ts') };
  const { port } = await forThisTest(startContainer({ ...jsonModel, server: late }));
  expect(await health(port)).toBe(503);
  expect(
    await eventually(
      'it is no longer 503',
      () => health(port),
      (status) => status !== 503,
    ),
  ).toBe(200);
});

test('a call has one line in the log for each instance, with its trace, and also where it is refused', async () => {
  const { port, adapter } = await forThisTest(startEndpoint(jsonModel, {}));
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const send = (body: string): Promise<unknown> => {
    const headers: Header[] = [
      ['Content-Type', 'application/json'],
      ['X-Cloud-Trace-Context', `${trace}/1;o=1`],
      ['X-Request-Id', 'vertex-1'],
    ];
    return sendHttp(port, { method: 'POST', path: predictRoute, query: '', headers, body: Buffer.from(body) });
  };
  await send('{"instances":[{"x":1},{"x":2}]}');
  await send('{"instances":[],"parameters":1}');
  const lines = await eventually(
    'each call is logged',
    () =>
      adapter
        .output()
        .stdout.split('\n')
        .filter((line) => line.includes('"status"')),
    ({ length }) => length === 3,
  );
  const named = { activationId: 'vertex-1', traceId: trace };
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { ...named, status: 200 },
    { ...named, status: 200 },
    { ...named, status: 400 },
  ]);
});

test('each instance has a span of its own in the trace of the request', async () => {
  const collector = await startCollector();
  onTestFinished(async () => collector.close());
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' };
  const { port } = await forThisTest(startEndpoint(jsonModel, variables));
  const [traceId, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  const headers: Header[] = [
    ['Content-Type', 'application/json'],
    ['traceparent', `00-${traceId}-${parent}-01`],
  ];
  const body = Buffer.from('{"instances":[{"x":1},{"status":422},{"x":3}]}');
  await sendHttp(port, { method: 'POST', path: predictRoute, query: '', headers, body });
  const spans = await collector.received(3);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  for (const span of spans)
    expect(span).toMatchObject({ traceId, parentSpanId: parent, attributes: { 'url.path': '/predict' } });
  const statuses = spans.map(({ attributes }) => String(attributes['http.response.status_code']));
  expect(statuses.toSorted()).toEqual(['200', '200', '422']);
});

test('a predictions reply over the limit of a shared endpoint is a 413', async () => {
  const { port } = await forThisTest(startEndpoint(jsonModel, { MODELWHISK_VERTEX_ENDPOINT: 'shared' }));
  const reply = await post(port, JSON.stringify({ instances: Array(9).fill('x'.repeat(174_740)) }));
  expect([reply.status, textOf(reply)]).toEqual([413, expect.stringContaining('limit of 1572864')]);
});

test.each([
  [{ AIP_HEALTH_ROUTE: 'health' }, /AIP_HEALTH_ROUTE is "health"; expected a path that starts with/],
  [{ MODELWHISK_VERTEX_ENDPOINT: 'big' }, /MODELWHISK_VERTEX_ENDPOINT is "big"; expected "dedicated" or/],
  [
    { MODELWHISK_VERTEX_CONCURRENCY: '0' },
    /MODELWHISK_VERTEX_CONCURRENCY is "0"; expected a number of calls, 1 or more/,
  ],
  [{ SAGEMAKER_BATCH: 'true' }, /expected "sagemaker" or "vertex", as the environment has SAGEMAKER_BATCH and AIP_/],
] as [Record<string, string>, RegExp][])('%j is refused at the start', async (environment, message) => {
  const adapter = await spawnAdapter(jsonModel, { ...vertexEnvironment(String(await freePort())), ...environment });
  expect(await adapter.exited).toBe(1);
  expect(adapter.output().stderr).toMatch(message);
});
