import type { Credentials } from '../authentication.ts';
import type { Controller } from '../controller.ts';
import { Rejection, errorReply, messages } from '../errors.ts';
import { emptyReply, withHeaders, type GatewayRequest, type Header, type Reply } from '../http.ts';
import { decodePercent } from '../uri.ts';
import { answerActions } from './actions.ts';
import { answerActivations } from './activations.ts';

/**
 * Answers a request to `/api/v1/namespaces/…`: invoking and reading actions, reading activations (Actions.scala,
 * Activations.scala). Actions cannot be created here. Throws Rejection for what the controller's HTTP library turns down.
 */
export async function answerRest(
  request: GatewayRequest,
  controller: Controller,
  credentials: Credentials,
): Promise<Reply> {
  if (request.method === 'OPTIONS') return emptyReply(200, corsHeaders);
  if (credentials !== 'accepted') throw unauthenticated(credentials);
  const [, namespace, collection, ...rest] = request.path.split('/').slice(3).map(decodePercent);
  const { namespace: ownNamespace } = controller.options;
  if (namespace !== '_' && namespace !== ownNamespace)
    return withHeaders(corsHeaders, errorReply(403, request.transaction));
  const path = rest.join('/').replace(/\/$/, '');
  if (collection === 'actions') return withHeaders(corsHeaders, await answerActions(request, controller, path));
  if (collection === 'activations' && request.method === 'GET') {
    return withHeaders(corsHeaders, await answerActivations(request, controller, path));
  }
  throw new Rejection(404, messages.notFoundRoute);
}

const corsHeaders: readonly Header[] = [
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Allow-Headers', 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent'],
  ['Access-Control-Allow-Methods', 'GET, DELETE, POST, PUT, HEAD'],
];

function unauthenticated(credentials: 'missing' | 'rejected'): Rejection {
  const message =
    credentials === 'missing'
      ? 'The resource requires authentication, which was not supplied with the request'
      : 'The supplied authentication is invalid';
  return new Rejection(401, message, { headers: [['WWW-Authenticate', 'Basic realm="OpenWhisk secure realm"']] });
}
