import type { Built } from '../../call/model-call.ts';
import { wholeRequest } from '../../http/body.ts';
import { headerValue } from '../../http/headers.ts';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import type { PlatformContext } from '../platform.ts';
import { answerInputs } from './answer-inputs.ts';
import { readArrival } from './arrival.ts';
import { isCloudEvent, readCloudEvent } from './cloud-event.ts';
import { eventRequest } from './event-request.ts';
import { deliveryPermission } from './delivery-permission.ts';

/** One call of a platform over HTTP, which a caller or a service that pushes events may have made. */
export interface Delivery {
  /** What to send to the model server, or the reply without it. Rejects with CallerError. */
  readonly request: (received: ModelRequest) => Promise<Built>;
  /** The reply as the caller expects it. To be used for replies to failures, too. */
  readonly reply: <Response extends ModelResponse>(response: Response) => Response;
}

/**
 * Any platform whose functions have a URL can be the target of services that push events (docs/protocols/http.md,
 * "Pushed events").
 *
 * A CloudEvent POSTed to "/", where brokers and triggers send it, or to the predict route, calls the model with the
 * event's data. So does a delivery of a service that pushes events in its own envelopes. On other paths both are passed
 * on like any request, because the model server may handle them. In every other request, JSON that names a file becomes
 * a form or the file (see withFormInput).
 *
 * @param fetchPolicy for named files, and for SNS's confirmation
 */
export function takeDelivery(context: PlatformContext, fetchPolicy = context.fetchPolicy): Delivery {
  const { row } = context;
  const { maximumBody } = context.configuration;
  const within = { ...context, fetchPolicy };
  let reply: Delivery['reply'] = unchanged;
  const request = async (received: ModelRequest): Promise<Built> => {
    if (!takesEvents(received, row.predict.path)) return withStreamedFormInput(received, row, fetchPolicy, maximumBody);
    const permission = deliveryPermission(received);
    if (permission !== undefined) return permission;
    if (received.method === 'OPTIONS') return received;
    if (isCloudEvent(received)) {
      const whole = await wholeRequest(received, maximumBody);
      const event = readCloudEvent(whole);
      const { asReplyEvent } = await import('./reply-event.ts');
      reply = (response) => asReplyEvent(response, event, row.name);
      const { serviceInputs } = await import('./service-inputs.ts');
      const inputs = serviceInputs(headerValue(event.attributes, 'ce-type') ?? '', event.data);
      return inputs === undefined ? eventRequest(event, whole, within) : answerInputs(inputs, whole, within);
    }
    const arrival = await readArrival(received, fetchPolicy);
    switch (arrival.kind) {
      case 'answered':
        return arrival.response;
      case 'inputs':
        return answerInputs(arrival.inputs, arrival.request, within);
      case 'request':
        return withStreamedFormInput(arrival.request, row, fetchPolicy, maximumBody);
    }
  };
  return { request, reply: (response) => reply(response) };
}

function unchanged<Response extends ModelResponse>(response: Response): Response {
  return response;
}

function takesEvents({ method, path }: ModelRequest, predictPath: string): boolean {
  return (method === 'POST' || method === 'OPTIONS') && (path === '/' || path === predictPath);
}
