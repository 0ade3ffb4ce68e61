import type { Readable } from 'node:stream';
import * as z from 'zod';
import { jsonResponse } from '../../call/failure-reply.ts';
import { CallerError } from '../../errors.ts';
import { allowsPrivateAddress, type FetchPolicy } from '../../fetch/policy.ts';
import { redacted } from '../../fetch/url.ts';
import type { CallSignal, ModelResponse } from '../../http/message.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent } from '../_event/event.ts';

/**
 * The answer to Event Grid, which expects its validation code before it delivers. Undefined for any other document.
 * (learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema.)
 */
export function validationReply(document: unknown): ModelResponse | undefined {
  const first: unknown = Array.isArray(document) ? document[0] : undefined;
  if (!isJsonObject(first) || first['eventType'] !== 'Microsoft.EventGrid.SubscriptionValidationEvent')
    return undefined;
  const schema = z.object({ data: z.object({ validationCode: z.string() }) });
  const { data } = checkEvent(schema, first, 'Event Grid');
  return jsonResponse(200, { validationResponse: data.validationCode });
}

/** Whether a document is a message of SNS about the subscription itself. */
export function isSubscription(document: unknown): boolean {
  if (!isJsonObject(document) || typeof document['TopicArn'] !== 'string') return false;
  return document['Type'] === 'SubscriptionConfirmation' || document['Type'] === 'UnsubscribeConfirmation';
}

/**
 * Confirms a subscription of SNS by fetching its URL, and answers SNS. The end of a subscription needs only the answer.
 * (Amazon SNS developer guide, "sns-http-https-endpoint-as-subscriber".)
 *
 * Rejects with CallerError 403 if the URL is not one of SNS.
 */
export async function confirmSubscription(
  document: unknown,
  policy: FetchPolicy,
  signal: CallSignal,
): Promise<ModelResponse> {
  const { Type, TopicArn, SubscribeURL } = checkEvent(subscription, document, 'SNS');
  if (Type === 'UnsubscribeConfirmation')
    return jsonResponse(200, { message: `${TopicArn} has ended its subscription` });
  const url = URL.canParse(SubscribeURL) ? new URL(SubscribeURL) : undefined;
  if (url === undefined || !(isOfSns(url) || allowsPrivateAddress(url, policy))) {
    const message = `the SubscribeURL is ${redacted(SubscribeURL)}; expected one of SNS`;
    const hint = 'MODELWHISK_FETCH_ALLOW_HOSTS may name the host of an SNS of your own';
    throw new CallerError(403, 'EVENT', message, { hint });
  }
  const { fetchUrlAs } = await import('../../fetch/fetch.ts');
  await fetchUrlAs(SubscribeURL, policy, signal, ({ body }) => {
    (body as Readable).resume();
    return Promise.resolve();
  });
  console.log(`modelwhisk: confirmed the subscription to ${TopicArn}`);
  return jsonResponse(200, { message: `confirmed the subscription to ${TopicArn}` });
}

function isOfSns({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(hostname);
}

const subscription = z.object({ Type: z.string(), TopicArn: z.string(), SubscribeURL: z.string() });
