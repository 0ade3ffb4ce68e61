import type { IncomingMessage, ServerResponse } from 'node:http';
import { wholeRequest } from '../../http/body.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import { headerValue } from '../../http/headers.ts';
import type { ModelRequest } from '../../http/message.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { asReplyEvent, isCloudEvent, readCloudEvent, type CloudEvent } from './cloud-event.ts';
import { answerInputs } from './answer-inputs.ts';
import { eventRequest } from './event-request.ts';
import { deliveryPermission } from './handshake.ts';
import { serviceAddress } from './service-address.ts';
import { serviceInputs } from './push-envelope.ts';
import { readArrival } from './push.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { readHttpSettings, type HttpSettings } from './settings.ts';

/**
 * Plain HTTP on the container's port, for Knative, Cloud Run, IBM Code Engine and other platforms
 * (docs/protocols/http.md). It is a reverse proxy for the model server. Paths stay unchanged; JSON that names a file
 * becomes a form on the predict route, as on every platform.
 *
 * A CloudEvent POSTed to "/", where brokers and triggers send it, or to the predict route, calls the model with the
 * event's data. So does a delivery of a service that pushes events in its own envelopes. On other paths both are passed
 * on like any request, because the model server may handle them.
 */
export async function startHttp(context: PlatformContext): Promise<RunningPlatform> {
  const settings = readHttpSettings(context.environment);
  return await listen(context, (incoming, outgoing) => serve(context, settings, incoming, outgoing));
}

async function serve(
  context: PlatformContext,
  settings: HttpSettings,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { row, fetchPolicy } = context;
  const { maximumBody } = context.configuration;
  let event: CloudEvent | undefined;
  await proxy(context, incoming, outgoing, {
    end: Date.now() + settings.timeout,
    maximumRequest: settings.maximumRequest,
    webSockets: true,
    request: async (arrived) => {
      const received = { ...arrived, outer: serviceAddress(arrived, context.environment) };
      if (!takesEvents(received, row.predict.path)) {
        return withStreamedFormInput(received, row, fetchPolicy, maximumBody);
      }
      const permission = deliveryPermission(received);
      if (permission !== undefined) return permission;
      if (received.method === 'OPTIONS') return received;
      if (isCloudEvent(received)) {
        const whole = await wholeRequest(received, maximumBody);
        event = readCloudEvent(whole);
        const inputs = serviceInputs(headerValue(event.attributes, 'ce-type') ?? '', event.data);
        return inputs === undefined ? eventRequest(event, whole, context) : answerInputs(inputs, whole, context);
      }
      const arrival = await readArrival(received, fetchPolicy);
      switch (arrival.kind) {
        case 'answered':
          return arrival.response;
        case 'inputs':
          return answerInputs(arrival.inputs, arrival.request, context);
        case 'request':
          return withStreamedFormInput(arrival.request, row, fetchPolicy, maximumBody);
      }
    },
    reply: (response) => (event === undefined ? response : asReplyEvent(response, event, row.name)),
  });
}

function takesEvents({ method, path }: ModelRequest, predictPath: string): boolean {
  return (method === 'POST' || method === 'OPTIONS') && (path === '/' || path === predictPath);
}
