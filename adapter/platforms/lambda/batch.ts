import { messageOf } from '../../../core/errors.ts';
import { invokeForEvent, outOfTime, withReserve, type EventWork } from '../_event/call.ts';
import { inputParameters, type EventInput } from '../_event/input.ts';
import { InvocationFailure } from './function-error.ts';
import type { BatchMessage } from './message.ts';

/** What SQS and Kinesis are told: the messages named here come again, all others are done (with-sqs, with-kinesis). */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The result for one input; an object is named, as results of several arrive together. */
export interface InputResult {
  readonly bucket?: string;
  readonly key?: string;
  readonly versionId?: string | undefined;
  readonly result: Record<string, unknown>;
}

/**
 * Calls the model for each input that an event holds. Rejects with the first failure, before Lambda's time is up, so
 * that Lambda tries the event again.
 */
export async function answerInputs(inputs: readonly EventInput[], work: EventWork): Promise<InputResult[]> {
  return await invokeEach(inputs, withReserve(work));
}

/**
 * Calls the model for each message of a batch and reports the ones that failed, so that only those come again. What
 * there is no time for is reported, too, before Lambda's time is up: otherwise all would come again. In a FIFO queue
 * and a stream nothing after a failure is done before it, so that the order is kept.
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
    if (work.end !== undefined && Date.now() >= work.end) throw outOfTime();
    const { isSuccess, result } = await invokeForEvent(inputParameters(input, work.context.row), work);
    if (!isSuccess) throw new InvocationFailure(result['error']);
    results.push({ ...(input.kind === 'object' && input.object), result });
  }
  return results;
}
