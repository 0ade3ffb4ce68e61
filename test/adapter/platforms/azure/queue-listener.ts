import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { CustomHandler, Payload } from './custom-handler.ts';

/** host.json's `extensions.queues`. */
export interface QueueOptions {
  /** Messages taken at a time. Default 16. */
  readonly batchSize: number;
  /** Further messages are taken when only this number is in progress. Default: half of the batch. */
  readonly newBatchThreshold: number;
  /** Tries before a message goes to the poison queue. Default 5. */
  readonly maxDequeueCount: number;
}

export interface QueueTrigger {
  readonly functionName: string;
  /** Name of the `queueTrigger` binding in function.json. */
  readonly binding: string;
  /** Name of the output binding to collect. */
  readonly output: string;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly options: QueueOptions;
}

export interface QueueListener {
  /** The values of the output binding, in order of arrival. */
  readonly outputs: readonly unknown[];
  /** The number of failed functions. */
  readonly failures: () => number;
  /** Resolves when the queue is empty and no message is in progress. */
  drained(): Promise<void>;
}

/**
 * The queue listener of the Functions host with a custom handler. It stands for azure-functions-host and
 * azure-webjobs-sdk, which are not on npm, and follows docs/protocols/azure.md: messages are base64 and come in
 * batches; a failed message is visible again at once; after `maxDequeueCount` attempts it moves to `<queue>-poison`.
 */
export function listenToQueue(handler: CustomHandler, trigger: QueueTrigger): QueueListener {
  const outputs: unknown[] = [];
  const inWork = new Set<Promise<void>>();
  let failures = 0;

  const process = async (message: DequeuedMessageItem): Promise<void> => {
    const { status, json } = await handler.invoke(trigger.functionName, payloadOf(message, trigger.binding));
    if (status >= 200 && status <= 299) {
      outputs.push((json['Outputs'] as Record<string, unknown>)[trigger.output]);
      await trigger.queue.deleteMessage(message.messageId, message.popReceipt);
      return;
    }
    failures += 1;
    if (message.dequeueCount < trigger.options.maxDequeueCount) {
      await trigger.queue.updateMessage(message.messageId, message.popReceipt, message.messageText, 0);
      return;
    }
    await trigger.poison.sendMessage(message.messageText);
    await trigger.queue.deleteMessage(message.messageId, message.popReceipt);
  };

  return {
    outputs,
    failures: () => failures,
    async drained() {
      const { batchSize, newBatchThreshold } = trigger.options;
      for (;;) {
        const { receivedMessageItems: messages } = await trigger.queue.receiveMessages({
          numberOfMessages: batchSize,
          visibilityTimeout: 600,
        });
        for (const message of messages) {
          const work = process(message).finally(() => inWork.delete(work));
          inWork.add(work);
        }
        if (messages.length === 0 && inWork.size === 0) return;
        while (inWork.size > (messages.length === 0 ? 0 : newBatchThreshold)) await Promise.race(inWork);
      }
    },
  };
}

/** A text is JSON in a string, as is most metadata. The members of a JSON message are metadata as well. */
function payloadOf(message: DequeuedMessageItem, binding: string): Payload {
  const text = Buffer.from(message.messageText, 'base64').toString();
  return {
    Data: { [binding]: JSON.stringify(text) },
    Metadata: {
      DequeueCount: String(message.dequeueCount),
      ExpirationTime: message.expiresOn,
      Id: JSON.stringify(message.messageId),
      InsertionTime: message.insertedOn,
      NextVisibleTime: message.nextVisibleOn,
      PopReceipt: JSON.stringify(message.popReceipt),
      sys: { MethodName: 'classify', UtcNow: new Date(), RandGuid: 'ba1ca7c0-0000-0000-0000-000000000000' },
      ...membersOf(text),
    },
  };
}

function membersOf(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) return {};
  return Object.fromEntries(
    Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}
