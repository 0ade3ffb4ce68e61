import * as z from 'zod';
import { type JsonText, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { envelopeInputs as pushedInputs } from '../_event/envelope.ts';
import { checkEvent } from '../_event/event.ts';
import { messageInputs, refusedInput, type EventInput } from '../_event/input.ts';
import { isNewObject, type StoredObject } from '../_event/object.ts';

/**
 * The inputs in an envelope of COS, CMQ, CKafka, a timer or the event bus, or of a service of another cloud, which may be
 * nested. Undefined for any other document. An event about a removed object has no inputs. An envelope of another
 * trigger has a refused input.
 *
 * (cloud.tencent.com/document/product/583: 9707 COS, 9708 timer, 11517 CMQ, 17530 CKafka, 31439 all of them.)
 *
 * @throws CallerError 400 for a malformed event of these triggers
 */
export function envelopeInputs(document: JsonText): readonly EventInput[] | undefined {
  return ownInputs(document) ?? pushedInputs(document, envelopeInputs);
}

function ownInputs(document: JsonText): readonly EventInput[] | undefined {
  const event = document.value;
  if (!isJsonObject(event)) return undefined;
  const records = event['Records'];
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  if (isJsonObject(first)) {
    if (isJsonObject(first['cos'])) return checkEvent(cosEvent, event, 'COS').Records.flat();
    if (isJsonObject(first['CMQ'])) return messages(checkEvent(cmqEvent, event, 'CMQ').Records);
    if (isJsonObject(first['Ckafka'])) return messages(checkEvent(kafkaEvent, event, 'CKafka').Records);
  }
  if (event['Type'] === 'Timer' && typeof event['TriggerName'] === 'string') return timerInputs(event);
  if (typeof event['specversion'] === 'string' && typeof event['source'] === 'string' && 'data' in event) {
    return messageInputs(writeJson(document.members()?.['data'] ?? null), envelopeInputs);
  }
  if (isJsonObject(event['clslogs'])) return [refusedInput('an event of CLS')];
  if (typeof event['eventType'] === 'string' && isJsonObject(event['workflowTaskEvent']))
    return [refusedInput('an event of MPS')];
  return undefined;
}

function messages(texts: readonly string[]): readonly EventInput[] {
  return texts.flatMap((text) => messageInputs(text, envelopeInputs));
}

function timerInputs(event: Readonly<Record<string, unknown>>): readonly EventInput[] {
  const { Message } = checkEvent(z.object({ Message: z.string().nullish() }), event, 'timer');
  if (Message) return messageInputs(Message, envelopeInputs);
  const hint = "give the model's parameters as the timer's additional information, as a JSON object";
  return [refusedInput('the event of a timer', hint)];
}

const cosEvent = z.object({
  Records: z.array(
    z
      .object({
        cos: z.object({
          cosObject: z.object({ key: z.string(), url: z.string(), vid: z.string().nullish() }),
          cosBucket: z.object({ name: z.string(), appid: z.coerce.string() }),
        }),
        event: z.object({ eventName: z.string() }),
      })
      .transform(({ cos: { cosObject, cosBucket }, event }): EventInput[] =>
        isNewObject(event.eventName) ? [{ kind: 'object', object: cosObjectOf(cosObject, cosBucket) }] : [],
      ),
  ),
});

const cmqEvent = z.object({
  Records: z.array(z.object({ CMQ: z.object({ msgBody: z.string() }) }).transform(({ CMQ }) => CMQ.msgBody)),
});

const kafkaEvent = z.object({
  Records: z.array(z.object({ Ckafka: z.object({ msgBody: z.string() }) }).transform(({ Ckafka }) => Ckafka.msgBody)),
});

/**
 * The object of an event. COS's S3 interface needs the account's number in the bucket's name. The event's key starts
 * with account and bucket: "/1253970026/pictures/a.png".
 */
function cosObjectOf(
  object: { key: string; url: string; vid?: string | null | undefined },
  bucket: { name: string; appid: string },
): StoredObject {
  const prefix = `/${bucket.appid}/${bucket.name}/`;
  const key = object.key.startsWith(prefix) ? object.key.slice(prefix.length) : object.key.replace(/^\//, '');
  const region = /^https?:\/\/[^/]+\.cos\.([a-z0-9-]+)\.myqcloud\.com(?:\/|$)/.exec(object.url)?.[1];
  return { bucket: `${bucket.name}-${bucket.appid}`, key, region, ...(object.vid && { versionId: object.vid }) };
}
