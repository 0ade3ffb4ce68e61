import { messageOf } from '../../../core/errors.ts';
import type { ModelRow } from '../../../core/row.ts';
import { fileField } from '../../inputs/file.ts';
import { JsonText } from '../../json/exact.ts';
import { invokeForEvent, type EventWork } from '../_event/call.ts';
import { objectParameters, type StoredObject } from '../_event/object.ts';
import { detectEvent, type SqsMessage } from './event.ts';
import { InvocationFailure } from './function-error.ts';

/** What SQS is told: the messages named here come again, all others are done (with-sqs, "partial batch responses"). */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Calls the model for each object that an S3 event names: the object is the input. Rejects with the first failure,
 * so that Lambda tries the event again.
 */
export async function answerObjects(
  objects: readonly StoredObject[],
  work: EventWork,
): Promise<(StoredObject & { readonly result: unknown })[]> {
  const results = [];
  for (const object of objects) {
    results.push({ ...object, result: await invoke(objectParameters(object, work.context.row), work) });
  }
  return results;
}

/**
 * Calls the model for each message of an SQS batch and reports the ones that failed, so that only those come again.
 * A message is a JSON object of parameters, the event of an S3 notification, or, for a model that takes a file, its
 * URL. In a FIFO queue nothing after a failure is done before it, so that the order is kept.
 */
export async function answerMessages(messages: readonly SqsMessage[], work: EventWork): Promise<BatchResult> {
  const failed: SqsMessage[] = [];
  for (const message of messages) {
    if (message.isOrdered && failed.length > 0) failed.push(message);
    else if (!(await isDone(message, work))) failed.push(message);
  }
  return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
}

async function isDone({ id, body }: SqsMessage, work: EventWork): Promise<boolean> {
  try {
    const content = messageContent(body, work.context.row);
    const event = detectEvent(content.value);
    const parameters = content.members() ?? content.value;
    await (event.kind === 's3' ? answerObjects(event.objects, work) : invoke(parameters, work));
    return true;
  } catch (error) {
    console.error(`SQS message ${id} failed: ${messageOf(error)}`);
    return false;
  }
}

function messageContent(body: string, { predict: { input } }: ModelRow): JsonText {
  try {
    return JsonText.parse(body);
  } catch {
    const field = fileField(input);
    const content = field === undefined ? body : { [`${field}_url`]: body.trim() };
    return new JsonText(content, JSON.stringify(content));
  }
}

/** Rejects with InvocationFailure when the model server refuses or fails. */
async function invoke(parameters: unknown, work: EventWork): Promise<Record<string, unknown>> {
  const { isSuccess, result } = await invokeForEvent(parameters, work);
  if (!isSuccess) throw new InvocationFailure(result['error']);
  return result;
}
