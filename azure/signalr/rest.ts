import type { IncomingMessage, ServerResponse } from 'node:http';
import { readText, sendText, urlOf } from '../http.ts';
import { parseObject } from '../json.ts';
import type { SignalRAccount } from './connection-string.ts';
import type { Hubs } from './hubs.ts';
import { audienceOf, tokenOf } from './token.ts';

/**
 * Answers the REST API: a message to all clients of a hub, in the API's first form and in the one since 2021-10-01
 * (https://github.com/Azure/azure-signalr/blob/dev/docs/rest-api.md).
 */
export async function answerRest(
  request: IncomingMessage,
  response: ServerResponse,
  account: SignalRAccount,
  hubs: Hubs,
): Promise<void> {
  const { pathname } = urlOf(request);
  if (/^\/api\/(v1\/)?health$/.test(pathname)) {
    response.writeHead(200).end();
    return;
  }
  const body = await readText(request);
  const audience = await audienceOf(account, tokenOf(request));
  const [, hub] = /^\/api\/v1\/hubs\/([^/]+)$/.exec(pathname) ?? /^\/api\/hubs\/([^/]+)\/:send$/.exec(pathname) ?? [];
  const { target, arguments: values = [] } = parseObject(body);
  // Every visitor of the page gets a token for clients.
  if (audience === undefined || audience.pathname.startsWith('/client'))
    sendText(response, 401, 'The access token is missing, for clients only, or no longer valid.');
  else if (hub === undefined || request.method !== 'POST')
    sendText(response, 404, 'This stand-in for SignalR only sends to all clients of a hub: POST /api/v1/hubs/HUB');
  else if (typeof target !== 'string' || !Array.isArray(values))
    sendText(response, 400, 'The body is not {"target": "METHOD", "arguments": […]}.');
  else {
    hubs.broadcast(hub, target, values);
    response.writeHead(202).end();
  }
}
