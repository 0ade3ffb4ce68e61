import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../adapter/http/message.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import type { ClientReply, PlatformClient } from './platform-client.ts';
import type { TestModel } from './platform-models.ts';
import type { PlatformSuite } from './platform-suite.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

/** With a collector, each call on every platform has a span, which is the parent of what the model server does. */
export function testTraces(suites: readonly PlatformSuite[], models: readonly TestModel[]): void {
  const pairs = suites.flatMap((suite) => models.map((model) => [suite.name, model.name, suite, model] as const));
  describe.each(pairs)('%s in front of %s', (_suite, _model, { start }, model) => {
    let collector: Collector;
    let client: PlatformClient;
    beforeAll(async () => {
      collector = await startCollector();
      const { row, environment } = await model.create();
      const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' };
      client = await start(row, { ...environment, ...variables });
    });
    afterAll(async () => {
      await client.close();
      await collector.close();
    });

    test('sends a span of each call, whose parent is the caller’s and whose child is the model server’s', async () => {
      const seen = echoedHeaders(
        await send([
          ['traceparent', `00-${traceId}-${parent}-01`],
          ['tracestate', 'a=b'],
        ]),
      );
      const [span] = await collector.received(1);
      expect(span).toMatchObject({
        traceId,
        parentSpanId: parent,
        kind: 2,
        status: 0,
        attributes: {
          'http.request.method': 'POST',
          'http.response.status_code': 200,
          'url.path': '/echo',
          'faas.coldstart': true,
        },
        resource: { 'service.name': 'echo', 'telemetry.sdk.language': 'nodejs' },
      });
      expect(seen('traceparent')).toEqual([`00-${traceId}-${span?.spanId}-01`]);
      expect(seen('tracestate')).toEqual(['a=b']);
      expect(Math.abs(Date.now() - (span?.start ?? 0))).toBeLessThan(60_000);
    });

    test('begins a trace where the caller has none; only the first call is a cold start', async () => {
      const seen = echoedHeaders(await send([]));
      const span = (await collector.received(2))[1];
      expect(span).toMatchObject({ parentSpanId: undefined, attributes: { 'faas.coldstart': false } });
      expect(seen('traceparent')).toEqual([`00-${span?.traceId}-${span?.spanId}-01`]);
    });

    async function send(headers: readonly Header[]): Promise<ClientReply> {
      const body = Buffer.from('{}');
      const lines = [['content-type', 'application/json'] as const, ...headers];
      return client.send({ method: 'POST', path: '/echo', query: '', headers: lines, body, timeLimit: 30_000 });
    }
  });
}

function echoedHeaders({ body }: ClientReply): (name: string) => readonly string[] {
  const { headers } = JSON.parse(Buffer.from(body).toString()) as { readonly headers: readonly Header[] };
  return (wanted) => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
