import * as z from 'zod';
import type { JsonText } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent, readDocument } from '../_event/event.ts';
import type { EventInput } from '../_event/input.ts';
import { balancerEvent } from './balancer-event.ts';
import { envelopeInputs } from './envelope.ts';

/** An event for an event function, by its trigger. */
export type ScfEvent =
  | HttpEvent
  /** The inputs of an event of COS, CMQ, CKafka, a timer or the event bus. */
  | { readonly kind: 'inputs'; readonly inputs: readonly EventInput[] }
  /** Parameters of a direct invocation. For the members of an object see JsonText.members. */
  | { readonly kind: 'direct'; readonly parameters: unknown };

/**
 * An HTTP request from API Gateway (bodies and replies may be base64), a function URL (only text), or a load balancer
 * (CLB).
 */
export type HttpEvent = { readonly kind: 'gateway' | 'url' | 'balancer' } & Readonly<z.infer<typeof httpEvent>>;

/**
 * Parses an event. Any JSON that is not an event of a trigger is a direct invocation.
 *
 * Shapes: docs/protocols/scf.md.
 *
 * @throws CallerError 400 for a malformed event of a trigger
 */
export function readEvent(body: Buffer): ScfEvent {
  const document = readDocument(body);
  const event = document.value;
  const http = isJsonObject(event) ? readHttpEvent(event, document) : undefined;
  if (http !== undefined) return http;
  const inputs = envelopeInputs(document);
  if (inputs !== undefined) return { kind: 'inputs', inputs };
  return { kind: 'direct', parameters: document.members() ?? event };
}

function readHttpEvent(event: Readonly<Record<string, unknown>>, document: JsonText): HttpEvent | undefined {
  if (typeof event['httpMethod'] === 'string' && typeof event['path'] === 'string') {
    const kind = isJsonObject(event['requestContext']) ? 'gateway' : 'url';
    return { kind, ...checkEvent(httpEvent, event, 'HTTP') };
  }
  const balanced = balancerEvent(document);
  return balanced && { kind: 'balancer', ...balanced };
}

const httpEvent = z
  .object({
    httpMethod: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
    queryString: z.record(z.string(), z.unknown()).nullish(),
    body: z.string().nullish(),
    isBase64Encoded: z.boolean().nullish(),
    requestContext: z.object({ path: z.string().nullish(), stage: z.string().nullish() }).nullish(),
  })
  .transform(({ requestContext, ...event }) => ({
    ...event,
    /** The path of API Gateway's API, with `{name}` for variable parts. */
    ...(requestContext?.path && { apiPath: requestContext.path }),
    ...(requestContext?.stage && { stage: requestContext.stage }),
  }));
