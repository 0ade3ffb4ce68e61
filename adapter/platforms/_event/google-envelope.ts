import * as z from 'zod';
import { encodedComponent } from '../../../core/http/percent.ts';
import { type JsonText, plainValue } from '../../json/exact.ts';
import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent } from './event.ts';
import { bytesInputs, refusedInput, type EventInput, type Unwrap } from './input.ts';

/**
 * The inputs of a message that Google's Pub/Sub pushes in its default wrapped form. Undefined for any other document.
 * The input of a notification of Cloud Storage is its object.
 *
 * (cloud.google.com/pubsub/docs/push, "Wrapped messages"; cloud.google.com/storage/docs/pubsub-notifications.)
 *
 * @param unwrap takes the inputs out of a message that is an envelope itself
 * @throws CallerError 400 for a malformed message
 */
export function pubSubInputs(document: JsonText, unwrap: Unwrap): readonly EventInput[] | undefined {
  const event = document.value;
  if (!isJsonObject(event) || !isJsonObject(event['message'])) return undefined;
  const { messageId, publishTime, data } = event['message'];
  const isPushed = typeof event['subscription'] === 'string' && (messageId !== undefined || data !== undefined);
  if (!isPushed && (messageId === undefined || publishTime === undefined)) return undefined;
  const { message } = checkEvent(push, event, 'Pub/Sub');
  return messageContent(message.attributes ?? {}, Buffer.from(message.data ?? '', 'base64'), unwrap);
}

/**
 * The inputs of a message that Pub/Sub pushes unwrapped, with its attributes as headers. Undefined for any other request.
 * (cloud.google.com/pubsub/docs/payload-unwrapping, "Write metadata".)
 */
export function unwrappedPubSubInputs(
  headers: readonly Header[],
  body: Buffer,
  unwrap: Unwrap,
): readonly EventInput[] | undefined {
  if (headerValue(headers, 'x-goog-pubsub-subscription-name') === undefined) return undefined;
  const [eventType, bucketId, objectId] = ['eventtype', 'bucketid', 'objectid'].map((name) =>
    headerValue(headers, name),
  );
  return messageContent({ eventType, bucketId, objectId }, body, unwrap);
}

/** The attributes of a notification of Cloud Storage. */
interface Notification {
  readonly eventType?: string | undefined;
  readonly bucketId?: string | undefined;
  readonly objectId?: string | undefined;
}

function messageContent(
  { eventType, bucketId, objectId }: Notification,
  data: Buffer,
  unwrap: Unwrap,
): readonly EventInput[] {
  if (eventType !== undefined && bucketId !== undefined && objectId !== undefined) {
    return eventType === 'OBJECT_FINALIZE' ? [storedObject(bucketId, objectId)] : [];
  }
  if (data.length > 0) return bytesInputs(data, unwrap);
  return [refusedInput('a message of Pub/Sub without data', 'publish the input as the data of the message')];
}

/**
 * The inputs of an event of a Google service, as Eventarc delivers it. Undefined for a type of another sender.
 * (github.com/googleapis/google-cloudevents.)
 *
 * @param type of the CloudEvent @param data the event's, if it is JSON
 * @throws CallerError 400
 */
export function googleServiceInputs(
  type: string,
  data: JsonText | undefined,
  unwrap: Unwrap,
): readonly EventInput[] | undefined {
  if (!type.startsWith('google.')) return undefined;
  const plain = plainValue(data);
  if (data !== undefined && type === 'google.cloud.pubsub.topic.v1.messagePublished') {
    const inputs = pubSubInputs(data, unwrap);
    if (inputs !== undefined) return inputs;
  }
  if (type === 'google.cloud.storage.object.v1.finalized') {
    const { bucket, name } = checkEvent(z.object({ bucket: z.string(), name: z.string() }), plain, type);
    return [storedObject(bucket, name)];
  }
  if (type.startsWith('google.cloud.storage.object.')) return [];
  return [refusedInput(`an event ${type}`, 'have the trigger send events of Pub/Sub or of Cloud Storage')];
}

/** An object of Cloud Storage, at its public address. */
function storedObject(bucket: string, name: string): EventInput {
  const path = [bucket, ...name.split('/')].map((segment) => encodedComponent(segment)).join('/');
  return { kind: 'url', url: `https://storage.googleapis.com/${path}` };
}

const push = z.object({
  message: z.object({ data: z.base64().nullish(), attributes: z.record(z.string(), z.string()).nullish() }),
});
