import { randomUUID } from 'node:crypto';
import { headerValue } from '../../http/headers.ts';
import type { Header, ModelResponse } from '../../http/message.ts';
import { isSuccessStatus } from '../../http/status.ts';
import type { CloudEvent } from './cloud-event.ts';

/**
 * Turns a successful reply into an event in binary mode, because Knative treats any other reply with a body as a failed
 * delivery. Failures, and replies that already are events, stay unchanged.
 *
 * `subject`, `traceparent` and `tracestate` are copied from the event, so that the receiver knows the input.
 */
export function asReplyEvent<Response extends ModelResponse>(
  response: Response,
  event: CloudEvent,
  model: string,
): Response {
  const { status, headers, body } = response;
  const isEvent =
    headerValue(headers, 'ce-specversion') !== undefined ||
    headerValue(headers, 'content-type')?.toLowerCase().startsWith('application/cloudevents') === true;
  if (!isSuccessStatus(status) || body.length === 0 || isEvent) return response;
  const kept = event.attributes.filter(([name]) => /^ce-(subject|traceparent|tracestate)$/i.test(name));
  const attributes: Header[] = [
    ['ce-specversion', '1.0'],
    ['ce-id', randomUUID()],
    ['ce-source', `/modelwhisk/${encodeURIComponent(model)}`],
    ['ce-type', 'dev.modelwhisk.prediction'],
    ...kept,
  ];
  return { ...response, headers: [...headers, ...attributes] };
}
