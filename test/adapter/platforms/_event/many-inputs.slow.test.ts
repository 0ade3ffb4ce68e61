import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { sendHttp } from '../../http-client.ts';
import { startAdapter } from '../../start-adapter.ts';
import { startLambdaFunction } from '../lambda/start-lambda.ts';
import { predictRoute, startEndpoint } from '../vertex/start-endpoint.ts';

/** Each call of it takes 300 ms. */
const row = {
  name: 'slow',
  title: 'Slow',
  image: 'me/slow',
  server: {
    kind: 'express',
    module: join(import.meta.dirname, '../../../contract/servers/streams.mjs'),
    export: 'app',
  },
  predict: { path: '/events', input: { kind: 'json' } },
};
const count = 5;
const each = Array.from({ length: count }, (_, n) => ({ n }));

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => void (await Promise.all(stops.splice(0).map((stop) => stop()))));

/** The outcome of each input, and the time of all. */
interface Outcomes {
  readonly failed: readonly boolean[];
  readonly milliseconds: number;
}

async function timed(ask: () => Promise<readonly boolean[]>): Promise<Outcomes> {
  const began = performance.now();
  const failed = await ask();
  return { failed, milliseconds: performance.now() - began };
}

const platforms: readonly [name: string, outcomes: (timeLimit: number) => Promise<Outcomes>][] = [
  [
    'records of Kafka for an OpenWhisk action',
    async (timeLimit) => {
      const adapter = await startAdapter(row);
      stops.push(async () => adapter.stop());
      await adapter.post('/init', { value: {} });
      const messages = each.map((value, offset) => ({ topic: 't', partition: 0, offset, value }));
      return timed(async () => {
        const { error, results } = await adapter.run({ messages }, { deadline: String(Date.now() + timeLimit) });
        const all = (results ?? (error as { results: unknown }).results) as readonly object[];
        return all.map((result) => 'error' in result);
      });
    },
  ],
  [
    'instances for Vertex AI',
    async (timeLimit) => {
      const { port, adapter } = await startEndpoint(row, {
        MODELWHISK_VERTEX_TIMEOUT: String(timeLimit > 0 ? timeLimit : 600_000),
        MODELWHISK_VERTEX_CONCURRENCY: '1',
      });
      stops.push(async () => adapter.stop());
      return timed(async () => {
        const headers: [string, string][] = [['Content-Type', 'application/json']];
        const body = Buffer.from(JSON.stringify({ instances: each }));
        const reply = await sendHttp(port, { method: 'POST', path: predictRoute, query: '', headers, body });
        const { predictions } = JSON.parse(Buffer.from(reply.body).toString()) as { predictions: unknown[] };
        return predictions.map((prediction) => prediction === null);
      });
    },
  ],
  [
    'messages of SQS for Lambda',
    async (timeLimit) => {
      const lambda = await startLambdaFunction(row, {});
      stops.push(async () => lambda.stop());
      // It has started once it answers.
      await lambda.api.invoke({});
      const Records = each.map((body, id) => ({
        messageId: String(id),
        body: JSON.stringify(body),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-west-1:1:q',
      }));
      return timed(async () => {
        const { body } = await lambda.api.invoke({ Records }, timeLimit);
        const { batchItemFailures } = JSON.parse(body.toString()) as {
          batchItemFailures: { itemIdentifier: string }[];
        };
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        return Records.map(({ messageId }) => failed.has(messageId));
      });
    },
  ],
];

describe.each(platforms)('%s', (_name, outcomes) => {
  test('that take too long together: what is finished is told, before the time is up', async () => {
    const { failed, milliseconds } = await outcomes(1100);
    expect(failed.slice(0, 2)).toEqual([false, false]);
    expect(failed.at(-1)).toBe(true);
    expect(failed).toHaveLength(count);
    // All of them take 1500 ms. A busy machine delays the reply.
    expect(milliseconds).toBeLessThan(1500);
  });

  test('are all answered if the clock is an hour ahead of the platform’s', async () => {
    const { failed } = await outcomes(-3_600_000);
    expect(failed).toEqual(Array.from({ length: count }, () => false));
  });
});
