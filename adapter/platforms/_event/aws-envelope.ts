import * as z from 'zod';
import { type JsonText, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { recordSource } from './aws-record.ts';
import { unservedEnvelope } from './aws-unserved.ts';
import { checkEvent } from './event.ts';
import { messageInputs, refusedInput, type EventInput, type Unwrap } from './input.ts';
import { isNewObject, type StoredObject } from './object.ts';

/**
 * The inputs in an envelope of S3, SNS or EventBridge, which may be nested. Undefined for any other document. An event
 * about a removed or only tagged object has no inputs. An envelope of another AWS service has a refused input.
 *
 * (Amazon S3 user guide: notification-content-structure, ev-events. Amazon SNS developer guide:
 * sns-message-and-json-formats. Amazon EventBridge user guide: eb-events-structure.)
 *
 * @param unwrap takes the inputs out of a message or an application's own event, if that is an envelope
 * @throws CallerError 400 for a malformed event of these services
 */
export function awsInputs(document: JsonText, unwrap: Unwrap): readonly EventInput[] | undefined {
  const event = document.value;
  if (!isJsonObject(event)) return undefined;
  const source = recordSource(event);
  if (isS3(source)) {
    return checkEvent(s3Event, event, 'S3').Records.flatMap(({ name, object }) => objectInputs(name, object));
  }
  if (source === 'aws:sns') {
    return checkEvent(snsEvent, event, 'SNS').Records.flatMap(({ Sns }) => messageInputs(Sns.Message, unwrap));
  }
  // A single record, from a function that has split the event.
  if (isS3(event['eventSource']) && isJsonObject(event['s3'])) {
    const { name, object } = checkEvent(s3Record, event, 'S3');
    return objectInputs(name, object);
  }
  // S3 sends this test when a notification is configured.
  if (event['Event'] === 's3:TestEvent') return [];
  if (event['Type'] === 'Notification' && typeof event['TopicArn'] === 'string') {
    return messageInputs(checkEvent(notification, event, 'SNS').Message, unwrap);
  }
  if (typeof event['detail-type'] === 'string' && typeof event['source'] === 'string') {
    return eventBridgeInputs(event['source'], event['detail-type'], document, unwrap);
  }
  const service = unservedEnvelope(event);
  return service === undefined ? undefined : unserved(service);
}

function eventBridgeInputs(source: string, type: string, document: JsonText, unwrap: Unwrap): readonly EventInput[] {
  if (source === 'aws.s3') {
    const { detail } = checkEvent(s3Detail, document.value, 'EventBridge');
    // EventBridge does not encode keys.
    const object = { bucket: detail.bucket.name, key: detail.object.key, versionId: detail.object['version-id'] };
    return /^Object (Created|Restore Completed)$/.test(type) ? [{ kind: 'object', object }] : [];
  }
  if (source.startsWith('aws.')) return unserved(`EventBridge's ${JSON.stringify(type)} of ${source}`);
  // An application's own event: its detail is the input.
  return messageInputs(writeJson(document.members()?.['detail'] ?? null), unwrap);
}

function unserved(what: string): readonly EventInput[] {
  const hint = "have its rule or target send the model's parameters instead, as a JSON object";
  return [refusedInput(`an event of ${what}`, hint)];
}

function objectInputs(name: string, object: StoredObject): readonly EventInput[] {
  return isNewObject(name) ? [{ kind: 'object', object }] : [];
}

/** Stores that speak like S3 put their own name before it: "minio:s3", "ceph:s3". */
function isS3(source: unknown): boolean {
  return typeof source === 'string' && /^[a-z]+:s3$/.test(source);
}

const s3Record = z
  .object({
    eventName: z.string().default('ObjectCreated:'),
    s3: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string(), versionId: z.string().nullish() }),
    }),
  })
  .transform(({ eventName, s3: { bucket, object } }) => ({
    name: eventName,
    object: { bucket: bucket.name, key: formDecoded(object.key), versionId: object.versionId ?? undefined },
  }));

const s3Event = z.object({ Records: z.array(s3Record) });

const s3Detail = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), 'version-id': z.string().optional() }),
  }),
});

const notification = z.object({ Message: z.string() });
const snsEvent = z.object({ Records: z.array(z.object({ Sns: notification })) });

/** S3 encodes keys like a form: "+" for a space, other characters percent-encoded. */
function formDecoded(key: string): string {
  return new URLSearchParams(`key=${key.replaceAll('&', '%26')}`).get('key') ?? key;
}
