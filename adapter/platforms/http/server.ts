import type { IncomingMessage, ServerResponse } from 'node:http';
import { wholeRequest } from '../../http/body.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import type { ModelRequest } from '../../http/message.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { asReplyEvent, isCloudEvent, readCloudEvent, type CloudEvent } from './cloud-event.ts';
import { eventRequest } from './event-request.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { readHttpSettings, type HttpSettings } from './settings.ts';

/**
 * Plain HTTP on the container's port, for Knative, Cloud Run, IBM Code Engine and every other host of containers
 * (docs/protocols/http.md): the model server behind a reverse proxy. Paths pass as
 * they are; JSON that names a file becomes a form on the predict route, as on every platform.
 *
 * CloudEvents POSTed to "/", which is where brokers and triggers send them, or to the predict route are calls of the
 * model with the event's data. Elsewhere an event is any other request: the model server may know what it is.
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
    request: async (received) => {
      if (!takesEvents(received, row.predict.path) || !isCloudEvent(received)) {
        return withStreamedFormInput(received, row, fetchPolicy, maximumBody);
      }
      const whole = await wholeRequest(received, maximumBody);
      event = readCloudEvent(whole);
      return eventRequest(event, whole, context);
    },
    reply: (response) => (event === undefined ? response : asReplyEvent(response, event, row.name)),
  });
}

function takesEvents({ method, path }: ModelRequest, predictPath: string): boolean {
  return method === 'POST' && (path === '/' || path === predictPath);
}
