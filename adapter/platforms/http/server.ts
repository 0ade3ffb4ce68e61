import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { serviceAddress } from './service-address.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { takeDelivery } from '../_push/delivery.ts';
import { readHttpSettings, type HttpSettings } from './settings.ts';

/**
 * Plain HTTP on the container's port, for Knative, Cloud Run, IBM Code Engine and other platforms
 * (docs/protocols/http.md). It is a reverse proxy for the model server. Paths stay unchanged; JSON that names a file
 * becomes a form on the predict route, and pushed events are opened (see takeDelivery), as on every platform.
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
  const delivery = takeDelivery(context);
  await proxy(context, incoming, outgoing, {
    end: Date.now() + settings.timeout,
    maximumRequest: settings.maximumRequest,
    webSockets: true,
    request: (received) => delivery.request({ ...received, outer: serviceAddress(received, context.environment) }),
    reply: delivery.reply,
  });
}
