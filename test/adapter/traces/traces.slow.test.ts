import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expressModel, nodeModel } from '../../contract/platform-models.ts';
import { kinds, serverSetting } from '../../robustness/support/rows.ts';
import { bundledAdapter } from '../bundled.ts';
import { startOnPort } from '../platforms/http/start.ts';
import { startAdapter } from '../start-adapter.ts';
import { callerOf, lambdaGet, Tracing } from './tracing.ts';

// That each platform sends spans is in test/contract/trace-suite.ts.

let tracing: Tracing;
beforeEach(async () => (tracing = await Tracing.start()));
afterEach(async () => tracing.close());

describe('a span', () => {
  test('has the attributes of the semantic conventions, and never the query', async () => {
    const { call } = await tracing.onHttp(tracing.endpoint);
    await call('/echo?token=hush', [
      ['User-Agent', 'me/1'],
      ['X-Request-Id', 'r1'],
    ]);
    const [span] = await tracing.collector.received(1);
    expect(span).toMatchObject({ name: 'GET', kind: 2, status: 0, path: '/v1/traces' });
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/echo',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': expect.any(Number) as number,
      'user_agent.original': 'me/1',
      'faas.coldstart': true,
      'faas.invocation_id': 'r1',
    });
    expect(JSON.stringify(span)).not.toContain('hush');
  });

  test.each([
    ['the predict route', '/echo/predict', 'POST', 'POST /echo/predict'],
    ['any other path', '/echo/1234', 'PUT', 'PUT'],
    ['a method of nobody', '/echo', 'PURGE', 'HTTP'],
  ])('is named after its method, and the route where it is known: %s', async (_what, path, method, name) => {
    const { call } = await tracing.onHttp(tracing.endpoint, nodeModel);
    await call(path, [], method);
    expect((await tracing.collector.received(1))[0]).toMatchObject({ name });
  });

  test.each([
    [422, 0, undefined],
    [503, 2, '503'],
  ])('of a reply with status %i has status %i and error.type %s', async (status, code, type) => {
    const { call } = await tracing.onHttp(tracing.endpoint);
    expect(await call(`/status/${status}`)).toMatchObject({ status });
    const [span] = await tracing.collector.received(1);
    expect(span).toMatchObject({ status: code, attributes: { 'http.response.status_code': status } });
    expect(span?.attributes['error.type']).toBe(type);
  });

  test.each(kinds)(
    'of a call that the model server (%s) does not survive has the status that the caller got',
    async (kind) => {
      const { row, environment } = await serverSetting(kind, 'faulty.mjs');
      const { port, adapter } = await startOnPort(row, {
        ...environment,
        ...tracing.endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '20',
      });
      tracing.running.push(adapter);
      const { status } = await callerOf(port)('/hang-up');
      expect(status).toBe(502);
      const [span] = await tracing.collector.received(1);
      expect(span).toMatchObject({ status: 2, attributes: { 'http.response.status_code': 502, 'error.type': '502' } });
    },
  );

  test('of a request that never reaches the model server is sent too', async () => {
    const { row, environment } = await expressModel.create();
    const adapter = await startAdapter(row, { ...environment, ...tracing.endpoint });
    tracing.running.push(adapter);
    await adapter.run(
      { __ow_method: 'post', __ow_headers: {}, __ow_body: '!', __ow_path: 'no slash' },
      { activation_id: 'a1' },
    );
    const [span] = await tracing.collector.received(1);
    expect(span?.attributes).toMatchObject({ 'faas.invocation_id': 'a1' });
  });

  test('takes as long as the call', async () => {
    const { row, environment } = await serverSetting('http', 'faulty.mjs');
    const { port, adapter } = await startOnPort(row, {
      ...environment,
      ...tracing.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    tracing.running.push(adapter);
    await callerOf(port)('/slow');
    const [span] = await tracing.collector.received(1);
    expect(span?.milliseconds).toBeGreaterThan(290);
    expect(span?.milliseconds).toBeLessThan(10_000);
  });
});

describe('spans are sent', () => {
  test('right after the call on platforms that may freeze the container', async () => {
    const { row, environment } = await expressModel.create();
    const adapter = await startAdapter(row, { ...environment, ...tracing.endpoint, OTEL_BSP_SCHEDULE_DELAY: '600000' });
    tracing.running.push(adapter);
    for (const count of [1, 2, 3]) {
      await adapter.run({ __ow_method: 'get', __ow_path: '/echo' });
      expect(await tracing.collector.received(count)).toHaveLength(count);
    }
  });

  test('before Lambda is asked for the next event', async () => {
    const lambda = await tracing.onLambda({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
    for (const count of [1, 2, 3]) {
      await lambda.api.invoke(lambdaGet());
      // The stand-in answers the next request for an event only now: no further call is needed.
      expect(await tracing.collector.received(count)).toHaveLength(count);
    }
  });

  test('before the process ends', async () => {
    const { call, adapter } = await tracing.onHttp({ ...tracing.endpoint, OTEL_BSP_SCHEDULE_DELAY: '600000' });
    await call('/echo');
    expect(await adapter.stop('SIGTERM')).toBe(0);
    expect(tracing.collector.spans).toHaveLength(1);
  });
});

describe('OpenTelemetry', () => {
  test('is not loaded without an endpoint: the adapter runs without its file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-traces-'));
    try {
      await cp(dirname(await bundledAdapter()), folder, { recursive: true });
      await writeFile(join(folder, 'opentelemetry.cjs'), 'throw new Error("loaded");');
      const { row, environment } = await nodeModel.create();
      const run = async (variables: Readonly<Record<string, string>>) => {
        const { port, adapter } = await startOnPort(
          row,
          { ...environment, ...variables },
          { main: join(folder, 'main.cjs') },
        );
        tracing.running.push(adapter);
        const { status } = await callerOf(port)('/status/200');
        await adapter.stop();
        return { status, stderr: adapter.output().stderr };
      };
      expect(await run({})).toEqual({ status: 200, stderr: '' });
      expect(await run(tracing.endpoint)).toEqual({ status: 200, stderr: 'modelwhisk: no spans are sent: loaded\n' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('adds the bytes that docs/operators.md states to the adapter layer, of 150,000 compressed', async () => {
    const compressed = gzipSync(await readFile(join(dirname(await bundledAdapter()), 'opentelemetry.cjs'))).length;
    const page = await readFile(join(import.meta.dirname, '../../../docs/operators.md'), 'utf8');
    const stated = Number(/adds (\d+) KB, compressed/.exec(page)?.[1]);
    expect(compressed).toBeLessThan(150_000);
    expect(Math.abs(compressed / 1000 - stated)).toBeLessThan(2);
  });
});
