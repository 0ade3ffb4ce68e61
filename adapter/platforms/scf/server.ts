import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { outerAddress } from '../../http/outer-address.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { takeDelivery } from '../_push/delivery.ts';
import { sendResponse } from '../_http/response.ts';
import { readScfContext, withoutCredentials } from './call-context.ts';
import { invokeEvent } from './run.ts';
import { withCos } from './object-store.ts';
import { webReply } from './response.ts';
import { readFunctionKind } from './settings.ts';

/**
 * Tencent SCF's image functions, both kinds on one port (cloud.tencent.com/document/product/583/56126). An event
 * function gets events by POST /event-invoke. A web function gets its callers' requests; paths stay unchanged.
 */
export async function startScf(context: PlatformContext): Promise<RunningPlatform> {
  const kind = readFunctionKind(context.environment);
  return await listen(context, (incoming, outgoing) =>
    isEvent(incoming, kind) ? serveEvent(context, incoming, outgoing) : serveWeb(context, incoming, outgoing),
  );
}

/**
 * Whether SCF sends an event. Any caller of a web function may also POST to that path, but must not be mistaken for
 * SCF: an event may name objects, and its failures are reported with details for the operator. SCF's own call has an
 * id, and no headers of the gateways in front of a web function.
 */
function isEvent({ method, url, headers }: IncomingMessage, kind: 'event' | 'web' | undefined): boolean {
  if (method !== 'POST' || url !== '/event-invoke' || kind === 'web') return false;
  if (kind === 'event') return true;
  return headers['x-scf-request-id'] !== undefined && !Object.keys(headers).some((name) => ofProxies.test(name));
}

const ofProxies = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-api-.*|origin|referer|cookie)$/;

async function serveWeb(context: PlatformContext, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const delivery = takeDelivery(context, withCos(context.fetchPolicy, incoming.headers));
  const { id, end } = readScfContext(incoming.headers);
  await proxy(context, incoming, outgoing, {
    id,
    end,
    // The platform enforces its own limit.
    maximumRequest: Number.POSITIVE_INFINITY,
    webSockets: true,
    request: (received) =>
      delivery.request({
        ...received,
        headers: withoutCredentials(received.headers),
        outer: outerAddress('https', incoming.headers.host, ''),
      }),
    reply: (response) => webReply(delivery.reply(response)),
  });
}

async function serveEvent(
  context: PlatformContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  await sendResponse(outgoing, await invokeEvent(context, incoming, context.configuration.maximumBody), 'POST');
}
