import * as z from 'zod';
import { checkEvent, readDocument } from '../_event/event.ts';
import type { StoredObject } from '../_event/object.ts';
import { isJsonObject } from '../../json/object.ts';

/** An event that SCF posts to an event function, told apart by the trigger that it comes from. */
export type ScfEvent =
  | HttpEvent
  | { readonly kind: 'cos'; readonly objects: readonly CosObject[] }
  /** Members of an object are as JsonText has them. */
  | { readonly kind: 'direct'; readonly parameters: unknown };

/** An HTTP request: of API Gateway, whose bodies and replies may be base64, or of a function URL, where all is text. */
export type HttpEvent = { readonly kind: 'gateway' | 'url' } & Readonly<z.infer<typeof httpEvent>>;

/** An object that was put into Tencent's object storage (COS). */
export interface CosObject extends StoredObject {
  /** With the account's number, as COS's S3 interface names it: "name-1253970026". */
  readonly bucket: string;
  /** For example "ap-chengdu"; undefined where the event's URL does not tell. */
  readonly region: string | undefined;
}

/**
 * Tells what an event is. What no trigger sends is a direct invocation, whatever its JSON. Removed objects are left
 * out: there is nothing to call the model with.
 *
 * (cloud.tencent.com/document/product/583: 12513 API Gateway, 96099 function URL, 9707 COS; facts/platforms.md,
 * section 3.)
 *
 * @throws CallerError when an event has a trigger's marks but is not as that trigger sends it
 */
export function readEvent(body: Buffer): ScfEvent {
  const document = readDocument(body);
  const event = document.value;
  if (!isJsonObject(event)) return { kind: 'direct', parameters: event };
  if (typeof event['httpMethod'] === 'string' && typeof event['path'] === 'string') {
    const kind = isJsonObject(event['requestContext']) ? 'gateway' : 'url';
    return { kind, ...checkEvent(httpEvent, event, 'HTTP') };
  }
  const records: unknown = event['Records'];
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  if (!isJsonObject(first) || !isJsonObject(first['cos'])) return { kind: 'direct', parameters: document.members() };
  const objects = checkEvent(cosEvent, event, 'COS').Records;
  return { kind: 'cos', objects: objects.filter(({ removed }) => !removed).map(({ object }) => object) };
}

const httpEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  queryString: z.record(z.string(), z.unknown()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

const cosEvent = z.object({
  Records: z.array(
    z
      .object({
        cos: z.object({
          cosObject: z.object({ key: z.string(), url: z.string() }),
          cosBucket: z.object({ name: z.string(), appid: z.coerce.string() }),
        }),
        event: z.object({ eventName: z.string() }),
      })
      .transform(({ cos: { cosObject, cosBucket }, event }) => ({
        removed: event.eventName.startsWith('cos:ObjectRemove:'),
        object: cosObjectOf(cosObject, cosBucket),
      })),
  ),
});

/** The event's key starts with account and bucket: "/1253970026/pictures/a.png". */
function cosObjectOf(object: { key: string; url: string }, bucket: { name: string; appid: string }): CosObject {
  const prefix = `/${bucket.appid}/${bucket.name}/`;
  const key = object.key.startsWith(prefix) ? object.key.slice(prefix.length) : object.key.replace(/^\//, '');
  const region = /^https?:\/\/[^/]+\.cos\.([a-z0-9-]+)\.myqcloud\.com(?:\/|$)/.exec(object.url)?.[1];
  return { bucket: `${bucket.name}-${bucket.appid}`, key, region };
}
