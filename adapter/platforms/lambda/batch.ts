import { messageOf } from '../../../core/errors.ts';
import { checkTimeLeft, invokeForEvent, withReserve, type EventWork } from '../_event/call.ts';
import { inputParameters, type EventInput } from '../_event/input.ts';
import { InvocationFailure } from './function-error.ts';
import type { BatchMessage } from './message.ts';

/** The reply for SQS and Kinesis. Only the messages named here are delivered again (with-sqs, with-kinesis). */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The result for one input. It names the input's object, because several results are returned together. */
export interface InputResult {
  readonly bucket?: string;
  readonly key?: string;
  readonly versionId?: string | undefined;
  readonly result: Record<string, unknown>;
}

/**
 * Calls the model for each input of an event. Rejects with the first failure, before Lambda's timeout, so that Lambda
 * retries the event.
 */
export async function answerInputs(inputs: readonly EventInput[], work: EventWork): Promise<InputResult[]> {
  return await invokeEach(inputs, withReserve(work));
}

/**
 * Calls the model for each message of a batch and reports the failed messages, so that only those are delivered again.
 * It also reports messages for which no time is left, before Lambda's timeout would fail the whole batch. In a FIFO
 * queue or a stream, all messages after a failed one count as failed, to keep the order.
 */
export async function answerMessages(messages: readonly BatchMessage[], work: EventWork): Promise<BatchResult> {
  const limited = withReserve(work);
  const failed: BatchMessage[] = [];
  for (const message of messages) {
    if (message.isOrdered && failed.length > 0) failed.push(message);
    else if (!(await isDone(message, limited))) failed.push(message);
  }
  return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
}

async function isDone({ id, what, inputs }: BatchMessage, work: EventWork): Promise<boolean> {
  try {
    await invokeEach(inputs(), work);
    return true;
  } catch (error) {
    console.error(`${what} ${id} failed: ${messageOf(error)}`);
    return false;
  }
}

async function invokeEach(inputs: readonly EventInput[], work: EventWork): Promise<InputResult[]> {
  const results: InputResult[] = [];
  for (const input of inputs) {
    checkTimeLeft(work.end);
    const { isSuccess, result } = await invokeForEvent(inputParameters(input, work.context.row), work);
    if (!isSuccess) throw new InvocationFailure(result['error']);
    results.push({ ...(input.kind === 'object' && input.object), result });
  }
  return results;
}
