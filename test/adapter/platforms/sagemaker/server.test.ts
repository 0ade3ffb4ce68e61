import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { png } from '../../../contract/bodies.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import type { ClientReply } from '../../../contract/platform-client.ts';
import { type ChildProcess, forThisTest, spawnAdapter } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { ping, startContainer, startEndpoint } from './start-endpoint.ts';
import { type Echo, echoServer } from '../../echo-server.ts';

const base = { name: 'echo', title: 'Echo', image: 'me/echo' };
const fileModel = {
  ...base,
  server: echoServer,
  predict: {
    path: '/model/predict',
    input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
    parameters: [{ name: 'top' }],
  },
};
const jsonModel = { ...base, server: echoServer, predict: { path: '/mirror', input: { kind: 'json' } } };

/** A server in a separate process, whose /health is polled until it is ready. */
async function processModel(environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const fixture = join(import.meta.dirname, '../../model/http/fixtures/server.mjs');
  const row = {
    ...base,
    server: {
      kind: 'http',
      port,
      environment: { PORT: String(port), ...environment },
      ready: { kind: 'get', path: '/health' },
    },
    predict: { path: '/slow', input: { kind: 'json' } },
  };
  const command = { entrypoint: [process.execPath, fixture], command: null, environment: {} };
  return { row, variables: { MODELWHISK_BASE: JSON.stringify(command) }, port };
}

function call(port: number, headers: readonly Header[], body: string | Uint8Array, path = '/invocations') {
  return sendHttp(port, { method: 'POST', path, query: '', headers, body: Buffer.from(body) });
}

function get(port: number, path: string): Promise<ClientReply> {
  return sendHttp(port, { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0) });
}

function jsonOf({ body }: ClientReply): unknown {
  return JSON.parse(Buffer.from(body).toString());
}

describe('/ping', () => {
  test('is 503 until the model is ready, and 200 with an empty body from then on', async () => {
    // The health check fails 20 times.
    const { row, variables } = await processModel({ LOADING: '20' });
    const { port, adapter } = await forThisTest(startContainer(row, variables));
    expect(await get(port, '/ping')).toMatchObject({ status: 503 });
    await expect.poll(() => adapter.output().stdout).toContain('the model server is still starting; calls wait for it');
    await eventually('/ping is 200', async () => (await ping(port)) === 200, Boolean);
    expect(await get(port, '/ping')).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  test('is 503 also while an app loads in this process', async () => {
    const late = { ...echoServer, module: join(import.meta.dirname, 'late-app.ts') };
    const { port } = await forThisTest(startContainer({ ...jsonModel, server: late }));
    expect(await ping(port)).toBe(503);
    await eventually('/ping is 200', async () => (await ping(port)) === 200, Boolean);
    expect(await call(port, [], '{}')).toMatchObject({ status: 200, body: Buffer.from('here') });
  });

  test('answers while the model is busy', async () => {
    const { row, variables } = await processModel({});
    const { port } = await forThisTest(startEndpoint(row, { ...variables, MODELWHISK_SAGEMAKER_TIMEOUT: '3000' }));
    const busy = call(port, [], '{}');
    expect(await Promise.race([ping(port), busy.then(() => 'the model is done')])).toBe(200);
    expect((await busy).status).toBe(504);
  });

  test('is 503 while a model that crashed is restarted', async () => {
    const { row, variables, port: modelPort } = await processModel({});
    const { port } = await forThisTest(startEndpoint(row, variables));
    await get(modelPort, '/crash').catch(() => undefined);
    await eventually('/ping is 503', async () => (await ping(port)) === 503, Boolean);
    const again = await eventually(
      '/ping is not 503 any more',
      async () => ping(port),
      (status) => status !== 503,
    );
    expect(again).toBe(200);
  });

  test('a model that cannot start ends the container with code 1 and the reason', async () => {
    const { row, variables } = await processModel({ FAIL_ALWAYS: '' });
    const adapter = await spawnAdapter(row, { ...variables, SAGEMAKER_BIND_TO_PORT: String(await freePort()) });
    expect(await adapter.exited).toBe(1);
    expect(adapter.output().stderr).toMatch(/^modelwhisk: the model server exited with code/m);
  });
});

describe('/invocations of a model that takes a file', () => {
  let port: number;
  let adapter: ChildProcess;
  beforeAll(async () => ({ port, adapter } = await startEndpoint(fileModel)));
  afterAll(() => adapter.stop());

  const echo = async (headers: readonly Header[], body: string | Uint8Array): Promise<Echo> =>
    jsonOf(await call(port, headers, body)) as Echo;

  test.each([
    ['its bytes', [['Content-Type', 'image/png']], png],
    ['its bytes without a type', [], png],
    ['JSON with base64', [['Content-Type', 'application/json']], JSON.stringify({ image: png.toString('base64') })],
  ] as [string, Header[], Uint8Array | string][])('takes %s', async (_title, headers, body) => {
    const received = await echo(headers, body);
    expect(received).toMatchObject({ method: 'POST', url: '/model/predict' });
    const form = Buffer.from(received.body, 'base64').toString('latin1');
    expect(form).toMatch(/name="image"; filename="image.png"\r\nContent-Type: image\/png\r\n\r\n/);
    expect(form).toContain(png.toString('latin1'));
  });

  test('takes a form unchanged, and JSON with a declared parameter in the query', async () => {
    const form = await echo([['Content-Type', 'multipart/form-data; boundary=x']], '--x--');
    expect(Buffer.from(form.body, 'base64').toString()).toBe('--x--');
    const named = JSON.stringify({ image: png.toString('base64'), top: 3 });
    expect(await echo([['Content-Type', 'application/json']], named)).toMatchObject({ url: '/model/predict?top=3' });
  });

  test.each([
    ['no body', [], ''],
    ['JSON that names none', [['Content-Type', 'application/json']], '{"url":"x"}'],
    ['a broken JSON', [['Content-Type', 'application/json']], '{'],
  ] as [string, Header[], string][])('refuses %s with 400', async (_title, headers, body) => {
    const reply = await call(port, headers, body);
    expect(reply.status).toBe(400);
    expect(jsonOf(reply)).toMatchObject({ code: 'INPUT' });
  });

  test('custom attributes reach the server, and name another of its routes', async () => {
    const attributes = 'tenant=a7, modelwhisk-path=/model/metadata?full=1%2C2, modelwhisk-method=get';
    const received = await echo([['X-Amzn-SageMaker-Custom-Attributes', attributes]], '');
    expect(received).toMatchObject({ method: 'GET', url: '/model/metadata?full=1%2C2' });
    expect(received.headers).toContain(attributes);
    const own = await echo([['X-Amzn-SageMaker-Custom-Attributes', 'c000b4f9-df62']], png);
    expect(own.url).toBe('/model/predict');
  });

  test.each(['modelwhisk-path=metadata', 'modelwhisk-method=GET', 'modelwhisk-path='])(
    'refuses the custom attribute %s',
    async (attributes) => {
      const reply = await call(port, [['X-Amzn-SageMaker-Custom-Attributes', attributes]], '');
      expect(reply.status).toBe(400);
      expect(jsonOf(reply)).toMatchObject({ message: expect.stringContaining('modelwhisk-path is') as string });
    },
  );

  test('the headers that name a model reach the server, and so do the paths of a multi-model endpoint', async () => {
    const received = await echo([['X-Amzn-SageMaker-Target-Model', 'a.tar.gz']], png);
    expect(received.headers.join()).toContain('X-Amzn-SageMaker-Target-Model,a.tar.gz');
    expect(jsonOf(await call(port, [], '{}', '/models/a/invoke'))).toMatchObject({ url: '/models/a/invoke' });
  });
});

test("the server's custom attributes and any type of body are returned", async () => {
  const { port } = await forThisTest(
    startEndpoint({ ...jsonModel, predict: { ...jsonModel.predict, path: '/mirror' } }),
  );
  const route = 'modelwhisk-path=/mirror?header=X-Amzn-SageMaker-Custom-Attributes%3Da%3D1&type=text/csv';
  const reply = await call(port, [['X-Amzn-SageMaker-Custom-Attributes', route]], '1,2\n');
  expect(Buffer.from(reply.body).toString()).toBe('1,2\n');
  expect(reply.headers).toContainEqual(['X-Amzn-SageMaker-Custom-Attributes', 'a']);
  expect(await call(port, [['Content-Type', 'text/csv']], '1,2\n')).toMatchObject({ body: Buffer.from('1,2\n') });
});

describe('limits', () => {
  test.each([
    [{ MODELWHISK_SAGEMAKER_ENDPOINT: 'serverless' }, 4 * 1024 * 1024],
    [{ SAGEMAKER_BATCH: 'true', SAGEMAKER_MAX_PAYLOAD_IN_MB: '1' }, 1024 * 1024],
  ])('a body over the limit of %j is a 413 that names it', async (settings, limit) => {
    const { port } = await forThisTest(startEndpoint(jsonModel, settings));
    expect((await call(port, [], Buffer.alloc(limit))).status).toBe(200);
    const reply = await call(port, [], Buffer.alloc(limit + 1));
    expect(reply.status).toBe(413);
    expect(jsonOf(reply)).toMatchObject({ message: expect.stringContaining(`over the limit of ${limit}`) as string });
  });

  test('a batch transform gets its limits: one record per call', async () => {
    const { port } = await forThisTest(startEndpoint(jsonModel, { SAGEMAKER_BATCH: 'true' }));
    const reply = await get(port, '/execution-parameters');
    expect(jsonOf(reply)).toEqual({
      MaxConcurrentTransforms: expect.any(Number) as number,
      BatchStrategy: 'SINGLE_RECORD',
      MaxPayloadInMB: 6,
    });
  });
});

test('a model that SageMaker has unpacked replaces an archive, and the archive’s variable has its path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-sagemaker-'));
  try {
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model', 'weights.bin'), 'w');
    const archive = { url: 'https://127.0.0.1:1/never-asked.tar', sha256: 'a'.repeat(64), variable: 'WEIGHTS' };
    const { port } = await forThisTest(startEndpoint({ ...jsonModel, archive }, { SAGEMAKER_BASE_DIR: folder }));
    expect(jsonOf(await get(port, '/environment/WEIGHTS'))).toBe(join(folder, 'model'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('the start', () => {
  const ended = async (words: readonly string[], row: object, environment: Readonly<Record<string, string>>) => {
    const adapter = await spawnAdapter(row, environment, { words });
    expect(await adapter.exited).toBe(1);
    return adapter.output().stderr;
  };

  test('train is refused with an explanation', async () => {
    expect(await ended(['train'], jsonModel, {})).toMatch(
      /the argument is "train"; expected "serve": this image answers calls of a model, and trains none/,
    );
  });

  test('serve is not mistaken for the command of the model server', async () => {
    const { row } = await processModel({});
    const port = String(await freePort());
    expect(await ended(['serve'], row, { SAGEMAKER_BIND_TO_PORT: port })).toMatch(
      /neither an entrypoint nor a command/,
    );
  });

  test.each([
    [{ SAGEMAKER_SAFE_PORT_RANGE: '9000' }, /SAGEMAKER_SAFE_PORT_RANGE is "9000"; expected two TCP ports/],
    [{ MODELWHISK_SAGEMAKER_ENDPOINT: 'fast' }, /MODELWHISK_SAGEMAKER_ENDPOINT is "fast"; expected "real-time" or/],
    [{ SAGEMAKER_MAX_PAYLOAD_IN_MB: '6 MB' }, /SAGEMAKER_MAX_PAYLOAD_IN_MB is "6 MB"; expected whole megabytes/],
  ])('%j is refused', async (environment, message) => {
    const port = String(await freePort());
    expect(await ended(['serve'], jsonModel, { SAGEMAKER_BIND_TO_PORT: port, ...environment })).toMatch(message);
  });

  test("a model server's port outside of the safe range is reported, and SageMaker’s own port is refused", async () => {
    const { row, variables, port: modelPort } = await processModel({});
    const range = { SAGEMAKER_SAFE_PORT_RANGE: '1-2' };
    const { adapter } = await forThisTest(startEndpoint(row, { ...variables, ...range }));
    expect(adapter.output().stderr).toContain(`listens on port ${modelPort}, outside of SAGEMAKER_SAFE_PORT_RANGE 1-2`);
    const same = { ...variables, SAGEMAKER_BIND_TO_PORT: String(modelPort) };
    expect(await ended(['serve'], row, same)).toMatch(/the row's server.port is \d+; expected another port/);
  });
});
