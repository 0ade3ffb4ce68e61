import { isJsonObject } from '../../json/object.ts';
import { envelopeInputs } from '../_event/envelope.ts';
import { checkEvent, readDocument } from '../_event/event.ts';
import type { EventInput } from '../_event/input.ts';
import { albEvent, httpApiEvent, type HttpEvent, latticeEvent, latticeEventV1, restEvent } from './http-event.ts';
import { batchMessages, type BatchMessage } from './message.ts';

/** A Lambda event, by its source. */
export type LambdaEvent =
  | HttpEvent
  /** Messages of a queue or a stream. Each may fail separately. */
  | { readonly kind: 'batch'; readonly messages: readonly BatchMessage[] }
  /** The inputs of an event of S3, SNS or EventBridge, or of another cloud's service. */
  | { readonly kind: 'inputs'; readonly inputs: readonly EventInput[] }
  /** An event that is not an HTTP request, for a model server that takes unchanged events. */
  | { readonly kind: 'raw' }
  /** Parameters of a direct invocation. For the members of an object see JsonText.members. */
  | { readonly kind: 'direct'; readonly parameters: unknown };

/**
 * Parses an event. Any JSON that is not an event of a service is a direct invocation.
 *
 * @param rules whether the model server takes unchanged events, except HTTP requests, and whether it gets the context
 *   of HTTP requests
 * @throws CallerError 400 for a malformed event of a service
 */
export function readEvent(
  body: Buffer,
  { isRaw = false, hasContext = false }: { readonly isRaw?: boolean; readonly hasContext?: boolean } = {},
): LambdaEvent {
  const document = readDocument(body);
  const event = document.value;
  const http = isJsonObject(event) ? httpEvent(event) : undefined;
  if (http !== undefined && isJsonObject(event)) {
    return hasContext ? { ...http, requestContext: event['requestContext'] } : http;
  }
  if (isRaw) return { kind: 'raw' };
  const messages = isJsonObject(event) ? batchMessages(event) : undefined;
  if (messages !== undefined) return { kind: 'batch', messages };
  const inputs = envelopeInputs(document);
  if (inputs !== undefined) return { kind: 'inputs', inputs };
  return { kind: 'direct', parameters: document.members() ?? event };
}

function httpEvent(event: Readonly<Record<string, unknown>>): HttpEvent | undefined {
  const context = isJsonObject(event['requestContext']) ? event['requestContext'] : {};
  if (isJsonObject(context['http'])) return { kind: 'http', event: checkEvent(httpApiEvent, event, 'HTTP API') };
  if (isJsonObject(context['elb'])) return { kind: 'alb', event: checkEvent(albEvent, event, 'load balancer') };
  if (typeof context['serviceNetworkArn'] === 'string') {
    return { kind: 'lattice', event: checkEvent(latticeEvent, event, 'VPC Lattice') };
  }
  if (typeof event['raw_path'] === 'string' && typeof event['method'] === 'string') {
    return { kind: 'lattice', event: checkEvent(latticeEventV1, event, 'VPC Lattice') };
  }
  const isRest = typeof event['resource'] === 'string' || event['version'] === '1.0';
  if (
    isRest &&
    typeof context['stage'] === 'string' &&
    context['connectionId'] === undefined &&
    event['type'] === undefined
  ) {
    return { kind: 'rest', event: checkEvent(restEvent, event, 'REST API') };
  }
  return undefined;
}
