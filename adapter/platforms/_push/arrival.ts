import { decodeDocument } from '../../http/charset.ts';
import { headerValue } from '../../http/headers.ts';
import type { CallSignal, ModelRequest, ModelResponse, WholeRequest } from '../../http/message.ts';
import { readAhead } from '../../http/body.ts';
import { JsonText } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { mayBeEnvelope } from '../_event/envelope-marks.ts';
import { messageInputs, refusedInput, type EventInput } from '../_event/input.ts';

/** A request by its content. */
export type Arrival =
  /** A delivery of a service. */
  | { readonly kind: 'inputs'; readonly inputs: readonly EventInput[]; readonly request: WholeRequest }
  /** A request that is answered without the model. */
  | { readonly kind: 'answered'; readonly response: ModelResponse }
  /** Any other request, for the model server. */
  | { readonly kind: 'request'; readonly request: ModelRequest };

/**
 * Distinguishes deliveries of services from all other requests (docs/protocols/http.md, "Pushed events"). JSON is read
 * to its end for that, up to a limit above the messages of these services. Any other body stays a stream. The first
 * delivery loads the schemas, because they need zod, which takes a tenth of an Express app's start.
 *
 * Rejects with CallerError for a malformed delivery and for a refused subscription.
 */
export async function readArrival(received: ModelRequest, policy: FetchPolicy): Promise<Arrival> {
  if (!mayBePushed(received)) return { kind: 'request', request: received };
  const { signal } = received;
  const isEnough = isUnwrapped(received) ? undefined : noDocument();
  const body = await readAhead(received.body, longestPush, { signal, ...(isEnough && { isEnough }) });
  const request = { ...received, body };
  if (!Buffer.isBuffer(body)) return { kind: 'request', request };
  const whole = { ...request, body };
  if (headerValue(received.headers, 'x-amz-sns-rawdelivery') === 'true') {
    const { envelopeInputs } = await import('../_event/envelope.ts');
    return {
      kind: 'inputs',
      inputs: messageInputs(decodeDocument(body, undefined) ?? '', envelopeInputs),
      request: whole,
    };
  }
  if (headerValue(received.headers, 'x-goog-pubsub-subscription-name') !== undefined) {
    const { envelopeInputs } = await import('../_event/envelope.ts');
    const { unwrappedPubSubInputs } = await import('../_event/google-envelope.ts');
    const inputs = unwrappedPubSubInputs(received.headers, body, envelopeInputs) ?? [];
    return { kind: 'inputs', inputs, request: whole };
  }
  if (headerValue(received.headers, 'x-amz-firehose-request-id') !== undefined) {
    const hint = 'have its stream call the model by a function, or send the events by EventBridge';
    return { kind: 'inputs', inputs: [refusedInput('a delivery of Data Firehose', hint)], request: whole };
  }
  if (!mayBeEnvelope(body)) return { kind: 'request', request };
  const document = documentOf(body);
  if (document === undefined) return { kind: 'request', request };
  const response = await answerOf(document, policy, received.signal);
  if (response !== undefined) return { kind: 'answered', response };
  const { envelopeInputs } = await import('../_event/envelope.ts');
  const inputs = envelopeInputs(document);
  return inputs === undefined ? { kind: 'request', request } : { kind: 'inputs', inputs, request: whole };
}

/** Pub/Sub delivers at most 10 MB, the other services less. */
const longestPush = 16 * 1024 * 1024;

async function answerOf(
  document: JsonText,
  policy: FetchPolicy,
  signal: CallSignal,
): Promise<ModelResponse | undefined> {
  const { confirmSubscription, isSubscription, validationReply } = await import('./handshake.ts');
  if (isSubscription(document.value)) return confirmSubscription(document.value, policy, signal);
  return validationReply(document.value);
}

/** SNS declares its JSON as plain text. */
function mayBePushed(request: ModelRequest): boolean {
  const type = headerValue(request.headers, 'content-type');
  if (isJsonFamily(type) || isUnwrapped(request)) return true;
  const media = type === undefined ? undefined : parseMediaType(type);
  return media?.type === 'text' && media.subtype === 'plain';
}

/** Whether the headers alone tell that it is a delivery, whose body may be anything. */
function isUnwrapped({ headers }: ModelRequest): boolean {
  return headers.some(([name]) => /^x-(amz-(sns|firehose)|goog-pubsub)-/i.test(name));
}

/** Whether a body does not start an object or array. To be called with each of its parts. */
function noDocument(): (part: Buffer) => boolean {
  let start = '';
  return (part) => {
    start += part.toString('latin1', 0, longestStart - start.length);
    return /^\s*[^\s{[\xef]/.test(start);
  };
}

const longestStart = 100;

function documentOf(body: Buffer): JsonText | undefined {
  try {
    const document = JsonText.parse(decodeDocument(body, 'utf-8') ?? '');
    return isJsonObject(document.value) || Array.isArray(document.value) ? document : undefined;
  } catch {
    // The model server refuses it.
    return undefined;
  }
}
