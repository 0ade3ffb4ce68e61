import { QueueClient } from '@azure/storage-queue';
import { expect, test } from 'vitest';
import { serveQueue } from '../../../azure/functions/queue-trigger.ts';
import { freePort } from '../../support/free-port.ts';

test('a queue that cannot be read is told once, with what to do, and tried until the end', async () => {
  const url = `http://127.0.0.1:${await freePort()}/devstoreaccount1`;
  const problems: string[] = [];
  const ended = new AbortController();
  const queue = new QueueClient(`${url}/images`, undefined, { retryOptions: { maxTries: 1 } });
  const poison = new QueueClient(`${url}/images-poison`);
  const serving = serveQueue(
    {
      functionName: 'classify',
      binding: 'image',
      queue,
      poison,
      options: { messageEncoding: 'base64', batchSize: 16, newBatchThreshold: 8, maxDequeueCount: 5 },
      handler: { invoke: async () => ({ status: 200, json: {} }) },
      onReply: async () => undefined,
      onProblem: (problem) => problems.push(problem),
    },
    ended.signal,
  );
  const [problem] = await expect
    .poll(() => problems, { timeout: 20_000 })
    .not.toEqual([])
    .then(() => problems);
  expect(problem).toMatch(/^the queue images at http:\/\/127\.0\.0\.1:\d+ cannot be read: .*; is Azurite running\?/);
  ended.abort();
  await serving;
  expect(problems.length).toBe(1);
});
