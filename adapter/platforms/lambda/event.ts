import * as z from 'zod';
import { checkEvent, readDocument } from '../_event/event.ts';
import type { StoredObject } from '../_event/object.ts';
import { isJsonObject } from '../../json/object.ts';

/** An event of Lambda's, told apart by where it comes from. */
export type LambdaEvent =
  | HttpEvent
  | { readonly kind: 's3'; readonly objects: readonly StoredObject[] }
  | { readonly kind: 'sqs'; readonly messages: readonly SqsMessage[] }
  | { readonly kind: 'direct'; readonly parameters: unknown };

/** An HTTP request: of an API Gateway REST API, an HTTP API or Function URL (payload 2.0), or a load balancer. */
export type HttpEvent =
  | { readonly kind: 'rest'; readonly event: RestEvent }
  | { readonly kind: 'http'; readonly event: HttpApiEvent }
  | { readonly kind: 'alb'; readonly event: AlbEvent };

export type RestEvent = Readonly<z.infer<typeof restEvent>>;
export type HttpApiEvent = Readonly<z.infer<typeof httpApiEvent>>;
export type AlbEvent = Readonly<z.infer<typeof albEvent>>;

export interface SqsMessage {
  readonly id: string;
  readonly body: string;
  /** Whether the messages after it must not be worked on before it is. */
  readonly isOrdered: boolean;
}

/**
 * Reads an event. The parameters of a direct invocation are as JsonText has them.
 *
 * @throws CallerError 400, see detectEvent
 */
export function readEvent(body: Buffer): LambdaEvent {
  const document = readDocument(body);
  const event = detectEvent(document.value);
  return event.kind === 'direct' ? { ...event, parameters: document.members() ?? event.parameters } : event;
}

/**
 * Tells what an event is. What none of the services sends is a direct invocation, whatever its JSON.
 * (AWS Lambda developer guide: services-alb, urls-invocation, with-s3, with-sqs; API Gateway developer guide:
 * set-up-lambda-proxy-integrations, http-api-develop-integrations-lambda.)
 *
 * @throws CallerError when an event has a service's marks but is not as that service sends it
 */
export function detectEvent(event: unknown): LambdaEvent {
  if (!isJsonObject(event)) return { kind: 'direct', parameters: event };
  const context = isJsonObject(event['requestContext']) ? event['requestContext'] : {};
  if (isJsonObject(context['http'])) return { kind: 'http', event: checkEvent(httpApiEvent, event, 'HTTP API') };
  if (isJsonObject(context['elb'])) return { kind: 'alb', event: checkEvent(albEvent, event, 'load balancer') };
  if (typeof event['resource'] === 'string' && typeof context['stage'] === 'string') {
    return { kind: 'rest', event: checkEvent(restEvent, event, 'REST API') };
  }
  switch (recordSource(event)) {
    case 'aws:s3':
      return { kind: 's3', objects: checkEvent(s3Event, event, 'S3').Records };
    case 'aws:sqs':
      return { kind: 'sqs', messages: checkEvent(sqsEvent, event, 'SQS').Records };
    default:
      // S3 sends this when a notification is set up, to see whether it may.
      return event['Event'] === 's3:TestEvent' ? { kind: 's3', objects: [] } : { kind: 'direct', parameters: event };
  }
}

function recordSource(event: Readonly<Record<string, unknown>>): unknown {
  const records = event['Records'];
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  return isJsonObject(first) ? first['eventSource'] : undefined;
}

// The console's test events have null where a request has nothing.
const single = z.record(z.string(), z.string()).nullish();
const multiple = z.record(z.string(), z.array(z.string())).nullish();
const content = { body: z.string().nullish(), isBase64Encoded: z.boolean().nullish() };

const restEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: single,
  multiValueHeaders: multiple,
  queryStringParameters: single,
  multiValueQueryStringParameters: multiple,
  ...content,
});

const albEvent = restEvent;

const httpApiEvent = z.object({
  version: z.literal('2.0'),
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: single,
  cookies: z.array(z.string()).nullish(),
  requestContext: z.object({ http: z.object({ method: z.string() }), stage: z.string().default('$default') }),
  ...content,
});

const s3Event = z.object({
  Records: z.array(
    z
      .object({ s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }) })
      .transform(({ s3 }): StoredObject => ({ bucket: s3.bucket.name, key: formDecoded(s3.object.key) })),
  ),
});

const sqsEvent = z.object({
  Records: z.array(
    z
      .object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string() })
      .transform(({ messageId, body, eventSourceARN }): SqsMessage => ({
        id: messageId,
        body,
        isOrdered: eventSourceARN.endsWith('.fifo'),
      })),
  ),
});

/** S3 writes keys as a form does: "+" for a space, the rest percent-encoded. */
function formDecoded(key: string): string {
  return new URLSearchParams(`key=${key.replaceAll('&', '%26')}`).get('key') ?? key;
}
