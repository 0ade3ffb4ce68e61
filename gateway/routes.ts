import type { Credentials } from './authentication.ts';
import type { Controller } from './controller.ts';
import { Rejection, messages, methodNotAllowed, unauthenticated } from './errors.ts';
import { jsonReply, textReply, type GatewayRequest, type Reply } from './http/message.ts';
import { negotiate } from './http/negotiation.ts';
import { answerRest } from './rest/rest.ts';
import { answerWebAction } from './web-action/web-action.ts';
import { parseWebRoute } from './web-action/route.ts';

/**
 * Answers a request by its path (RestAPIs.scala, `routes`): web actions with or without credentials, the REST API
 * only with credentials, and OPTIONS for every path. Throws Rejection if pekko-http rejects the request.
 */
export async function answer(
  request: GatewayRequest,
  controller: Controller,
  credentials: Credentials,
): Promise<Reply> {
  const { method, path } = request;
  if (!/^\/api\/v1(?:\/|$)/.test(path)) throw new Rejection(404, messages.notFoundRoute);
  if (!allowedMethods.includes(method)) throw methodNotAllowed(allowedMethods);
  if (/^\/api\/v1\/?$/.test(path) && method === 'GET') return negotiate(request, describeApi());
  const route = parseWebRoute(path);
  if (route !== undefined) {
    const user = credentials === 'accepted' ? controller.options.namespace : undefined;
    return answerWebAction(request, controller, route, user);
  }
  // pekko-http answers with a bare status here, without content negotiation.
  if (method === 'OPTIONS') return textReply(200, 'OK');
  if (credentials !== 'accepted') throw unauthenticated(credentials);
  return negotiate(request, await answerRest(request, controller));
}

const allowedMethods = ['GET', 'DELETE', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH'];

function describeApi(): Reply {
  return jsonReply(200, {
    description: 'modelwhisk gateway: OpenWhisk API',
    api_version: '1.0.0',
    api_version_path: 'v1',
  });
}
