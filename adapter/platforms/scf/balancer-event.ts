import * as z from 'zod';
import { type JsonText, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent } from '../_event/event.ts';

/** A request of a load balancer, in the form of the other HTTP events. */
export interface BalancerRequest {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/**
 * The request in an event of a load balancer (CLB). Undefined for any other event. Text and JSON bodies are unchanged,
 * other bodies are base64. Method and path are in `X-Method` and `X-Uri` if the balancer is configured to send them.
 * The default is POST "/" with a body, and GET "/" without. (cloud.tencent.com/document/product/583/39849.)
 *
 * @throws CallerError 400
 */
export function balancerEvent(document: JsonText): BalancerRequest | undefined {
  const event = document.value;
  if (!isJsonObject(event) || !isJsonObject(event['headers']) || !('payload' in event)) return undefined;
  const { headers } = checkEvent(schema, event, 'CLB');
  const valueOf = (name: string): string | undefined =>
    Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  const payload = document.members()?.['payload'];
  const body = typeof payload === 'string' ? payload : writeJson(payload ?? '');
  const isText = typeof payload !== 'string' || textTypes.test(valueOf('content-type') ?? '');
  return {
    httpMethod: valueOf('x-method') ?? (payload ? 'POST' : 'GET'),
    path: valueOf('x-uri') ?? '/',
    headers,
    body: payload === null ? '' : body,
    isBase64Encoded: !isText,
  };
}

const schema = z.object({ headers: z.record(z.string(), z.string()) });

const textTypes = /^\s*(text\/|application\/(json|javascript|xml)\s*(;|$))/i;
