import type * as StorageQueue from '@azure/storage-queue';
import type { QueueClient } from '@azure/storage-queue';
import { codeOf, messageOf, ModelwhiskError } from '../../core/errors.ts';
import { isUrl } from './body.ts';
import type { Input } from './inputs.ts';
import type { CallResult } from './send.ts';

/**
 * Opens a queue of an Azure storage account. Creates it if it is missing.
 * Rejects with ModelwhiskError if Azure's package is not installed or the account cannot be reached.
 *
 * @param connection connection string, as in `AzureWebJobsStorage`
 */
export async function openQueue(connection: string, name: string): Promise<QueueClient> {
  const { QueueServiceClient } = await loadClient();
  try {
    // The client's own four tries would say nothing for 18 s if nobody answers.
    const opening = { retryOptions: { maxTries: 2, retryDelayInMs: 500 } };
    await QueueServiceClient.fromConnectionString(connection, opening).getQueueClient(name).createIfNotExists();
    return QueueServiceClient.fromConnectionString(connection).getQueueClient(name);
  } catch (cause) {
    throw new ModelwhiskError('QUEUE', `the queue ${name} cannot be opened: ${messageOf(cause)}`, {
      cause,
      hint: isRefused(cause)
        ? 'start Azurite, or whatever AzureWebJobsStorage names'
        : 'AzureWebJobsStorage must be the connection string of a storage account',
    });
  }
}

/** Puts the URL of an input on the queue, in the form of the queue trigger of examples/azure. Never rejects. */
export async function enqueue(queue: QueueClient, { name }: Input, abortSignal: AbortSignal): Promise<CallResult> {
  const began = performance.now();
  const failed = (code: string, message: string): CallResult => ({
    kind: 'failure',
    code,
    message,
    milliseconds: performance.now() - began,
  });
  if (!isUrl(name)) return failed('INPUT', `${name} is not a URL; a message on a queue can only name its input`);
  try {
    const { messageId } = await queue.sendMessage(Buffer.from(name).toString('base64'), { abortSignal });
    const body = Buffer.from(JSON.stringify({ messageId }));
    const milliseconds = performance.now() - began;
    return { kind: 'reply', status: 201, milliseconds, contentType: 'application/json', activationId: undefined, body };
  } catch (error) {
    return failed(codeOf(error) ?? 'QUEUE', messageOf(error));
  }
}

/** Azure's client has the code of the connection as its own. */
function isRefused(error: unknown): boolean {
  return codeOf(error) === 'ECONNREFUSED' || messageOf(error).includes('ECONNREFUSED');
}

async function loadClient(): Promise<typeof StorageQueue> {
  try {
    return await import('@azure/storage-queue');
  } catch (cause) {
    throw new ModelwhiskError('QUEUE', "Azure's package for queues is not installed", {
      cause,
      hint: 'npm install @azure/storage-queue',
    });
  }
}
