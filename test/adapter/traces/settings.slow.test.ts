import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeModel } from '../../contract/platform-models.ts';
import { freePort } from '../../support/free-port.ts';
import { startAdapter } from '../start-adapter.ts';
import { lambdaGet, Tracing } from './tracing.ts';

let tracing: Tracing;
beforeEach(async () => (tracing = await Tracing.start()));
afterEach(async () => tracing.close());

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const sampled = ['traceparent', `00-${traceId}-00f067aa0ba902b7-01`] as const;
const notSampled = /"traceparent",\s*"00-[\da-f]{32}-[\da-f]{16}-00"/;
const unsampled = ['traceparent', `00-${traceId}-00f067aa0ba902b7-00`] as const;

describe('the standard variables', () => {
  test('name the endpoint of traces alone, headers, the service and its attributes', async () => {
    const { call } = await tracing.onHttp({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${tracing.collector.url}/custom/path`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc,x-more=1',
      OTEL_SERVICE_NAME: 'my-model',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.version=7',
    });
    await call('/echo');
    const [span] = await tracing.collector.received(1);
    expect(span).toMatchObject({
      path: '/custom/path',
      headers: { 'x-api-key': 'abc', 'x-more': '1', 'content-type': 'application/json' },
      resource: {
        'service.name': 'my-model',
        'service.version': '7',
        'deployment.environment.name': 'test',
        'telemetry.distro.name': 'modelwhisk',
      },
    });
  });

  test('sample nothing: no span is sent, and the model server is told not to, either', async () => {
    const { call } = await tracing.onHttp({ ...tracing.endpoint, OTEL_TRACES_SAMPLER: 'always_off' });
    expect((await call('/echo', [sampled])).body).toMatch(notSampled);
    expect((await call('/echo')).body).toMatch(notSampled);
    expect(tracing.collector.requests()).toBe(0);
  });

  test('sample as the caller does by default', async () => {
    const { call } = await tracing.onHttp(tracing.endpoint);
    expect((await call('/echo', [unsampled])).body).toMatch(notSampled);
    await call('/echo', [sampled]);
    const found = await tracing.collector.received(1);
    expect(found).toMatchObject([{ traceId, attributes: { 'faas.coldstart': false } }]);
  });

  test.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_TRACES_EXPORTER', 'none'],
    ['OTEL_TRACES_EXPORTER', 'console'],
  ])('%s=%s sends nothing, silently, and leaves the trace context as it is', async (name, value) => {
    const { call, adapter } = await tracing.onHttp({ ...tracing.endpoint, [name]: value });
    expect((await call('/echo', [unsampled])).body).toContain(unsampled[1]);
    expect(adapter.output().stderr).toBe('');
    expect(tracing.collector.requests()).toBe(0);
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'is "collector:4318"; expected an http:// or https:// URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'is "grpc"; expected http/json'],
  ])('%s=%s sends nothing, which one line of the log says', async (name, value, message) => {
    const { call, adapter } = await tracing.onHttp({ ...tracing.endpoint, [name]: value });
    expect(await call('/status/200')).toMatchObject({ status: 200 });
    expect(adapter.output().stderr).toBe(`modelwhisk: no spans are sent: ${name} ${message}\n`);
  });

  test('may come with /init, on OpenWhisk', async () => {
    const { row, environment } = await nodeModel.create();
    const adapter = await startAdapter(row, environment);
    tracing.running.push(adapter);
    await adapter.post('/init', { value: { env: { ...tracing.endpoint, OTEL_SERVICE_NAME: 'of-init' } } });
    await adapter.run({ __ow_method: 'get', __ow_path: '/echo' }, { activation_id: 'a1' });
    expect((await tracing.collector.received(1))[0]).toMatchObject({ resource: { 'service.name': 'of-init' } });
  });
});

describe('a collector that', () => {
  test.each<[what: string, answer: number | 'never' | 'closed']>([
    ['refuses connections', 'closed'],
    ['never answers', 'never'],
    ['answers 400', 400],
    ['answers 503', 503],
  ])('%s delays and fails no call, nor the end of the process', async (_what, answer) => {
    const url = answer === 'closed' ? `http://127.0.0.1:${await freePort()}` : tracing.collector.url;
    if (answer !== 'closed') tracing.collector.answer = answer;
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '600' };
    const lambda = await tracing.onLambda(variables);
    await lambda.api.invoke(lambdaGet());
    const began = performance.now();
    for (let count = 0; count < 20; count++) {
      expect(JSON.parse((await lambda.api.invoke(lambdaGet())).body.toString())).toMatchObject({ statusCode: 200 });
    }
    // One wait for the collector is allowed, not one for each call.
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await lambda.stop('SIGTERM')).toBe(0);
    tracing.running.length = 0;
    expect(lambda.output().stderr.match(/modelwhisk: spans do not reach/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test('is away is named in the log once, without credentials', async () => {
    tracing.collector.answer = 400;
    const { call, adapter } = await tracing.onHttp({
      OTEL_EXPORTER_OTLP_ENDPOINT: tracing.collector.url.replace('//', '//user:secret@'),
    });
    for (let count = 0; count < 3; count++) {
      const before = tracing.collector.requests();
      await call('/echo');
      await expect.poll(() => tracing.collector.requests(), { timeout: 10_000 }).toBeGreaterThan(before);
    }
    await expect.poll(() => adapter.output().stderr).toMatch(/^modelwhisk: spans do not reach http:\/\/[\d.:]+: .*\n$/);
    expect(adapter.output().stderr).not.toContain('secret');
  });
});
