import * as z from 'zod';
import { checkEvent } from '../_event/event.ts';
import { bytesInputs, messageInputs, type EventInput } from '../_event/input.ts';
import { envelopeInputs, recordSource } from './envelope.ts';

/** A message of an SQS queue, or a record of a Kinesis stream. */
export interface BatchMessage {
  /** What the service calls it. */
  readonly id: string;
  /** What it is, for the log, for example "SQS message". */
  readonly what: string;
  /** Whether those after it must not be worked on before it is. */
  readonly isOrdered: boolean;
  /** What it holds. Throws CallerError for an envelope without an input for a model. */
  readonly inputs: () => readonly EventInput[];
}

/**
 * The messages of an event of SQS or Kinesis; undefined for any other event. (AWS Lambda developer guide: with-sqs,
 * with-kinesis.)
 *
 * @throws CallerError 400
 */
export function batchMessages(event: Readonly<Record<string, unknown>>): readonly BatchMessage[] | undefined {
  switch (recordSource(event)) {
    case 'aws:sqs':
      return checkEvent(sqsEvent, event, 'SQS').Records;
    case 'aws:kinesis':
      return checkEvent(kinesisEvent, event, 'Kinesis').Records;
    default:
      return undefined;
  }
}

const sqsEvent = z.object({
  Records: z.array(
    z
      .object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string() })
      .transform(({ messageId, body, eventSourceARN }): BatchMessage => ({
        id: messageId,
        what: 'SQS message',
        isOrdered: eventSourceARN.endsWith('.fifo'),
        inputs: () => messageInputs(body, envelopeInputs),
      })),
  ),
});

const kinesisEvent = z.object({
  Records: z.array(
    z
      .object({ kinesis: z.object({ sequenceNumber: z.string(), data: z.base64() }) })
      .transform(({ kinesis: { sequenceNumber, data } }): BatchMessage => ({
        id: sequenceNumber,
        what: 'Kinesis record',
        isOrdered: true,
        inputs: () => bytesInputs(Buffer.from(data, 'base64'), envelopeInputs),
      })),
  ),
});
