import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { describe, expect, test } from 'vitest';
import { installAzurite, startAzurite } from './azurite.ts';
import { startCustomHandler } from './custom-handler.ts';
import { listenToQueue, type QueueOptions } from './queue-listener.ts';

const digits = join(import.meta.dirname, '../../../../examples/digits');
const samples = readdirSync(join(digits, 'samples')).filter((name) => /^\d.*\.(png|jpg|gif|bmp)$/.test(name));

const row = {
  name: 'digits',
  title: 'Handwritten digits',
  image: 'modelwhisk/digits',
  server: { kind: 'express', module: join(digits, 'src/app.ts'), export: 'app' },
  predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
};

const { options, bindings } = exampleApplication();

describe('a queue in Azurite, the Functions host and the adapter as its custom handler', () => {
  test(
    'of 200 messages with image URLs 198 become messages for SignalR, two are poison, none is lost or sent twice',
    { timeout: 300_000 },
    async () => {
      const closing: (() => Promise<unknown>)[] = [];
      try {
        const images = await serveSamples();
        closing.push(async () => images.close());
        await installAzurite();
        const azurite = await startAzurite();
        closing.push(async () => azurite.close());
        const queue = await createQueue(azurite.connectionString, bindings.queueName);
        const poison = await createQueue(azurite.connectionString, `${bindings.queueName}-poison`);
        const handler = await startCustomHandler(row, { MODELWHISK_FETCH_ALLOW_HOSTS: images.host });
        closing.push(async () => handler.stop());

        const expected = Array.from({ length: 198 }, (_, index) => images.url(index));
        const missing = `http://${images.host}/missing/7.png`;
        const texts = [...expected.map(asMessage), missing, '{"photo": "no URL"}'];
        await Promise.all(texts.map((text) => queue.sendMessage(Buffer.from(text).toString('base64'))));

        const { binding, output } = bindings;
        const trigger = { functionName: 'classify', binding, output, queue, poison, options };
        const listener = listenToQueue(handler, trigger);
        await listener.drained();

        const wanted = expected.map((url) => ({
          target: 'newResult',
          url,
          predictedTagName: labelOf(url),
          status: 'ok',
        }));
        expect(listener.outputs.map(summary).toSorted(byUrl)).toEqual(wanted.toSorted(byUrl));
        expect(await textsIn(poison)).toEqual([missing, '{"photo": "no URL"}'].toSorted());
        expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
        expect(listener.failures()).toBe(2 * options.maxDequeueCount);
        await expect
          .poll(() => handler.output().stderr)
          .toMatch(/function classify failed: .*\/missing\/7\.png answered 404/);
      } finally {
        for (const close of closing.toReversed()) await close();
      }
    },
  );
});

/** The queue settings of examples/azure. */
function exampleApplication(): {
  options: QueueOptions;
  bindings: { queueName: string; binding: string; output: string };
} {
  const app = join(import.meta.dirname, '../../../../examples/azure/app');
  const read = (path: string): unknown => JSON.parse(readFileSync(join(app, path), 'utf8'));
  const host = read('host.json') as { extensions: { queues: QueueOptions } };
  const { bindings: all } = read('classify/function.json') as { bindings: Record<string, string>[] };
  const named = (type: string): Record<string, string> => all.find((each) => each['type'] === type) ?? {};
  const { queueName = '', name: binding = '' } = named('queueTrigger');
  return { options: host.extensions.queues, bindings: { queueName, binding, output: named('signalR')['name'] ?? '' } };
}

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
