import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { describe, expect, test } from 'vitest';
import { readFunctionApp } from '../../../../azure/functions/app.ts';
import { serveQueue } from '../../../../azure/functions/queue-trigger.ts';
import { installAzurite, startAzurite } from './azurite.ts';
import { startCustomHandler } from './custom-handler.ts';

const digits = join(import.meta.dirname, '../../../../examples/digits');
const samples = readdirSync(join(digits, 'samples')).filter((name) => /^\d.*\.(png|jpg|gif|bmp)$/.test(name));

const row = {
  name: 'digits',
  title: 'Handwritten digits',
  image: 'modelwhisk/digits',
  server: { kind: 'express', module: join(digits, 'src/app.ts'), export: 'app' },
  predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
};

describe('a queue in Azurite, the Functions host and the adapter as its custom handler', () => {
  test(
    'of 200 messages with image URLs 198 become messages for SignalR, two are poison, none is lost or sent twice',
    { timeout: 300_000 },
    async () => {
      const app = await readFunctionApp(join(digits, '../azure/app'), {});
      const classify = app.functions.find((each) => each.kind === 'queue');
      const output = classify?.output;
      assert(classify !== undefined && output !== undefined);
      const closing: (() => Promise<unknown>)[] = [];
      try {
        const images = await serveSamples();
        closing.push(async () => images.close());
        installAzurite();
        const azurite = await startAzurite();
        closing.push(async () => azurite.close());
        const queue = await createQueue(azurite.connectionString, classify.queueName);
        const poison = await createQueue(azurite.connectionString, `${classify.queueName}-poison`);
        const handler = await startCustomHandler(row, { MODELWHISK_FETCH_ALLOW_HOSTS: images.host });
        closing.push(async () => handler.stop());

        const expected = Array.from({ length: 198 }, (_, index) => images.url(index));
        const missing = `http://${images.host}/missing/7.png`;
        const texts = [...expected.map(asMessage), missing, '{"photo": "no URL"}'];
        await Promise.all(texts.map((text) => queue.sendMessage(Buffer.from(text).toString('base64'))));

        const outputs: unknown[] = [];
        const problems: string[] = [];
        const ended = new AbortController();
        const serving = serveQueue(
          {
            functionName: 'classify',
            binding: classify.binding,
            queue,
            poison,
            options: app.queues,
            handler: { invoke: (name, data, metadata) => handler.invoke(name, { Data: data, Metadata: metadata }) },
            onReply: async ({ Outputs }) => void outputs.push((Outputs as Record<string, unknown>)[output.name]),
            onProblem: (problem) => problems.push(problem),
          },
          ended.signal,
        );
        await expect
          .poll(async () => [outputs.length, (await textsIn(poison)).length], { timeout: 240_000 })
          .toEqual([198, 2]);
        ended.abort();
        await serving;

        const wanted = expected.map((url) => ({
          target: 'newResult',
          url,
          predictedTagName: labelOf(url),
          status: 'ok',
        }));
        expect(outputs.map(summary).toSorted(byUrl)).toEqual(wanted.toSorted(byUrl));
        expect(await textsIn(poison)).toEqual([missing, '{"photo": "no URL"}'].toSorted());
        expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
        expect(problems.length).toBe(2 * app.queues.maxDequeueCount);
        await expect
          .poll(() => handler.output().stderr)
          .toMatch(/function classify failed: .*\/missing\/7\.png answered 404/);
      } finally {
        for (const close of closing.toReversed()) await close();
      }
    },
  );
});

/** The forms of different senders. */
function asMessage(url: string, index: number): string {
  return [url, JSON.stringify({ url }), JSON.stringify({ image_url: url }), JSON.stringify(url)][index % 4] ?? url;
}

const labels = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The samples' names are their labels. */
function labelOf(url: string): string | undefined {
  return labels[Number(/\/(\d)[^/]*$/.exec(url)?.[1])];
}

interface Summary {
  readonly target: string;
  readonly url: string;
  readonly predictedTagName: string | undefined;
  readonly status: string;
}

function summary(output: unknown): Summary {
  const { target, arguments: values } = output as { target: string; arguments: [Omit<Summary, 'target'>] };
  const [{ url, predictedTagName, status }] = values;
  return { target, url, predictedTagName, status };
}

function byUrl(one: Summary, other: Summary): number {
  return one.url.localeCompare(other.url);
}

async function serveSamples(): Promise<{ host: string; url(index: number): string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const name = samples.find((each) => request.url?.endsWith(`/${each}`));
    if (name === undefined || request.url?.startsWith('/missing/')) response.writeHead(404).end();
    else response.end(readFileSync(join(digits, 'samples', name)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: (index) => `http://${host}/${index}/${samples[index % samples.length]}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function createQueue(connectionString: string, name: string): Promise<QueueClient> {
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(name);
  await queue.create();
  return queue;
}

async function textsIn(queue: QueueClient): Promise<string[]> {
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString()).toSorted();
}
