import { elementsOf, JsonText, membersOf, plainValue, writeJson, writeObject } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { envelopeInputs } from '../_event/envelope.ts';
import { messageInputs, refusedInput, type EventInput } from '../_event/input.ts';

type Parameters = Readonly<Record<string, unknown>>;

/**
 * The inputs in what a trigger's feed, or a service that fires a trigger, sends as parameters: records of Kafka, changes
 * of Cloudant or CouchDB, events of an object store, envelopes (see envelopeInputs). Undefined for the parameters of any
 * other invocation.
 *
 * (github.com/apache/openwhisk-package-kafka, openwhisk-package-cloudant; Amazon S3 user guide:
 * notification-content-structure.)
 *
 * @throws CallerError 400 for an event that is not as its service sends it
 */
export function feedInputs(parameters: Parameters): readonly EventInput[] | undefined {
  const records = recordsOf(parameters['messages']);
  if (records !== undefined) return records.flatMap(({ value }) => recordInputs(value));
  if (isChange(parameters)) {
    const hint = "let a sequence read the document and send it on as the model's parameters";
    return [refusedInput('a change of a database', hint)];
  }
  if (!envelopeMarks.some((name) => Object.hasOwn(parameters, name))) return undefined;
  return envelopeInputs(JsonText.parse(writeObject(Object.entries(parameters))));
}

const envelopeMarks = [
  ['Records', 'TopicArn', 'detail-type', 'eventSource', 'awslogs', 'alarmArn', 'deliveryStreamArn'],
  ['subscription', 'specversion', 'eventType'],
].flat();

/** Every member of a chat has a role, and every record of Kafka its place. */
function recordsOf(messages: unknown): readonly Parameters[] | undefined {
  const records = elementsOf(messages)?.map((each) => membersOf(each));
  if (records === undefined || records.length === 0) return undefined;
  return records.every(isRecord) ? records : undefined;
}

function isRecord(record: Parameters | undefined): record is Parameters {
  return record !== undefined && ['topic', 'partition', 'offset', 'value'].every((name) => Object.hasOwn(record, name));
}

function recordInputs(value: unknown): readonly EventInput[] {
  return messageInputs(typeof value === 'string' ? value : writeJson(value ?? null), envelopeInputs);
}

function isChange({ id, seq, changes }: Parameters): boolean {
  const revisions = plainValue(changes);
  return (
    typeof id === 'string' &&
    seq !== undefined &&
    Array.isArray(revisions) &&
    revisions.every((each) => isJsonObject(each) && typeof each['rev'] === 'string')
  );
}
