import * as z from 'zod';
import { recordSource } from '../_event/aws-record.ts';
import { envelopeInputs } from '../_event/envelope.ts';
import { checkEvent } from '../_event/event.ts';
import { bytesInputs, messageInputs, type EventInput } from '../_event/input.ts';

/** A message of an SQS queue, or a record of a Kinesis stream. */
export interface BatchMessage {
  /** The service's id of the message. */
  readonly id: string;
  /** Its kind for the log, for example "SQS message". */
  readonly what: string;
  /** Whether later messages must wait until this one has succeeded. */
  readonly isOrdered: boolean;
  /** The inputs in it. Throws CallerError for a malformed envelope. */
  readonly inputs: () => readonly EventInput[];
}

/**
 * The messages of an SQS or Kinesis event. Undefined for any other event. (AWS Lambda developer guide: with-sqs,
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
