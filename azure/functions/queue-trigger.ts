import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { codeOf, messageOf } from '../../core/errors.ts';
import { isObject, type JsonObject, parseObject } from '../json.ts';
import type { FunctionApp, QueueOptions } from './app.ts';
import type { Connections } from './connections.ts';
import type { Handler } from './handler.ts';
import { sendMessages } from './signalr-output.ts';

export interface QueueTrigger {
  readonly functionName: string;
  /** Name of the `queueTrigger` binding in function.json. */
  readonly binding: string;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly options: QueueOptions;
  readonly handler: Pick<Handler, 'invoke'>;
  /** Takes the reply of a function that succeeded. If it rejects, the message has failed. */
  readonly onReply: (reply: JsonObject) => Promise<void>;
  /** Called with the reason if a message has failed, or the queue cannot be read. Reading goes on. */
  readonly onProblem: (problem: string) => void;
}

/** Serves all queues of an app until `signal` is aborted. Messages of a SignalR output go to the hub. */
export async function serveQueues(
  serving: { app: FunctionApp; connections: Connections; handler: Handler; onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const { app, connections, handler, onLine } = serving;
  const triggers = app.functions.filter((each) => each.kind === 'queue');
  await Promise.all(
    triggers.map(async ({ name: functionName, binding, queueName, setting, output }) => {
      const storage = connections.storage(setting);
      const queue = storage.getQueueClient(queueName);
      const poison = storage.getQueueClient(`${queueName}-poison`);
      const onReply = async ({ Outputs: outputs }: JsonObject): Promise<void> => {
        if (output === undefined || !isObject(outputs)) return;
        await sendMessages(connections.signalR(output.setting), output.hub, outputs[output.name]);
      };
      const trigger = {
        functionName,
        binding,
        queue,
        poison,
        options: app.queues,
        handler,
        onReply,
        onProblem: onLine,
      };
      await serveQueue(trigger, signal);
    }),
  );
}

/** Milliseconds between two looks at an empty queue, and at one that cannot be read. */
const pause = { empty: 200, problem: 2000 };

/**
 * Calls a function for each message of a queue, until `signal` is aborted; resolves when no message is in progress. It
 * does what the Functions host does (docs/protocols/azure.md): messages come in batches; a failed message is visible
 * again at once; after `maxDequeueCount` attempts it moves to `QUEUE-poison`.
 */
export async function serveQueue(trigger: QueueTrigger, signal: AbortSignal): Promise<void> {
  const { queue, options, onProblem } = trigger;
  const inWork = new Set<Promise<void>>();
  let isReadable = true;
  while (!signal.aborted) {
    try {
      const messages = await takeMessages(queue, options);
      isReadable = true;
      for (const message of messages) {
        const work = process(trigger, message)
          .catch((error: unknown) => onProblem(`${trigger.functionName}: ${messageOf(error)}`))
          .finally(() => inWork.delete(work));
        inWork.add(work);
      }
      while (inWork.size > options.newBatchThreshold) await Promise.race(inWork);
      if (messages.length === 0) await delay(pause.empty, undefined, { signal });
    } catch (error) {
      if (signal.aborted) break;
      // Once, and not at each try.
      if (isReadable) onProblem(unreadable(queue, error));
      isReadable = false;
      await delay(pause.problem, undefined, { signal }).catch(() => undefined);
    }
  }
  await Promise.all(inWork);
}

function unreadable({ name, url }: QueueClient, error: unknown): string {
  const hint = codeOf(error) === 'ECONNREFUSED' ? '; is Azurite running? It is tried again' : '; it is tried again';
  return `the queue ${name} at ${new URL(url).origin} cannot be read: ${messageOf(error)}${hint}`;
}

/** Creates the queue if it is missing. */
async function takeMessages(queue: QueueClient, { batchSize }: QueueOptions): Promise<DequeuedMessageItem[]> {
  await queue.createIfNotExists();
  const taken = await queue.receiveMessages({ numberOfMessages: batchSize, visibilityTimeout: 600 });
  return taken.receivedMessageItems;
}

async function process(trigger: QueueTrigger, message: DequeuedMessageItem): Promise<void> {
  const { functionName, binding, queue, poison, options, onProblem } = trigger;
  const text = textOf(message, options);
  const problem = await problemOf(
    trigger,
    { [binding]: JSON.stringify(text) },
    metadataOf(message, functionName, text),
  );
  if (problem === undefined) {
    await queue.deleteMessage(message.messageId, message.popReceipt);
    return;
  }
  const isLast = message.dequeueCount >= options.maxDequeueCount;
  onProblem(`${functionName}: ${problem}${isLast ? `; its message is now in the queue ${poison.name}` : ''}`);
  if (!isLast) {
    await queue.updateMessage(message.messageId, message.popReceipt, message.messageText, 0);
    return;
  }
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, message.popReceipt);
}

/** Why the function has failed. Undefined if it succeeded. */
async function problemOf(
  { functionName, handler, onReply }: QueueTrigger,
  data: JsonObject,
  metadata: JsonObject,
): Promise<string | undefined> {
  try {
    const { status, json } = await handler.invoke(functionName, data, metadata);
    if (status < 200 || status > 299) return `the handler answered ${status}`;
    await onReply(json);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function textOf({ messageText }: DequeuedMessageItem, { messageEncoding }: QueueOptions): string {
  return messageEncoding === 'base64' ? Buffer.from(messageText, 'base64').toString() : messageText;
}

/** A text is JSON in a string, as is most metadata. The members of a JSON message are metadata as well. */
function metadataOf(message: DequeuedMessageItem, functionName: string, text: string): JsonObject {
  return {
    DequeueCount: String(message.dequeueCount),
    ExpirationTime: message.expiresOn,
    Id: JSON.stringify(message.messageId),
    InsertionTime: message.insertedOn,
    NextVisibleTime: message.nextVisibleOn,
    PopReceipt: JSON.stringify(message.popReceipt),
    sys: { MethodName: functionName, UtcNow: new Date(), RandGuid: randomUUID() },
    ...Object.fromEntries(Object.entries(parseObject(text)).map(([name, value]) => [name, JSON.stringify(value)])),
  };
}
