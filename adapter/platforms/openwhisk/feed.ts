import { elementsOf, JsonText, membersOf, plainValue, writeJson, writeObject } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { messageInputs, refusedInput, type EventInput, type Unwrap } from '../_event/input.ts';

type Parameters = Readonly<Record<string, unknown>>;

/**
 * The inputs in what a trigger's feed, or a service that fires a trigger, sends as parameters: records of Kafka, changes
 * of Cloudant or CouchDB, events of an object store, envelopes (see envelopeInputs). Undefined for the parameters of any
 * other invocation.
 *
 * (github.com/apache/openwhisk-package-kafka, openwhisk-package-cloudant; Amazon S3 user guide:
 * notification-content-structure.)
 *
 * Rejects with CallerError 400 for an event that is not as its service sends it.
 */
export async function feedInputs(parameters: Parameters): Promise<readonly EventInput[] | undefined> {
  const records = recordsOf(parameters['messages']);
  if (records !== undefined) {
    const unwrap = await loadUnwrap();
    return records.flatMap(({ value }) => recordInputs(value, unwrap));
  }
  if (isChange(parameters)) {
    const hint = "let a sequence read the document and send it on as the model's parameters";
    return [refusedInput('a change of a database', hint)];
  }
  if (!envelopeMarks.some((name) => Object.hasOwn(parameters, name))) return undefined;
  const unwrap = await loadUnwrap();
  return unwrap(JsonText.parse(writeObject(Object.entries(parameters))));
}

/** Loaded by the first message, because the schemas of envelopes need zod. */
async function loadUnwrap(): Promise<Unwrap> {
  return (await import('../_event/envelope.ts')).envelopeInputs;
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

function recordInputs(value: unknown, unwrap: Unwrap): readonly EventInput[] {
  return messageInputs(typeof value === 'string' ? value : writeJson(value ?? null), unwrap);
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
