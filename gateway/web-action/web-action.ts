import { hasAnnotation, type Action } from '../action.ts';
import type { Activation } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { Rejection, errorReply, messages } from '../errors.ts';
import { emptyReply, isAccepted, withHeaders, type GatewayRequest, type Reply } from '../http.ts';
import { isJsonObject } from '../exact-json.ts';
import { isAuthorized } from './authorization.ts';
import { controllerAnswersOptions, corsHeaders } from './cors.ts';
import { webParameters } from './request.ts';
import { resultReply } from './response.ts';
import { parseWebRoute, type Extension, type WebRoute } from './route.ts';

/**
 * Answers a request to `/api/v1/web/…` by the rules, and in the order of checks, of OpenWhisk's controller
 * (WebActions.scala). Throws Rejection for what its HTTP library turns down.
 * @param user namespace of the caller; undefined when the caller gave no valid credentials
 */
export async function answerWebAction(
  request: GatewayRequest,
  controller: Controller,
  user: string | undefined,
): Promise<Reply> {
  const route = parseWebRoute(request.path);
  if (route === undefined) throw new Rejection(404, messages.notFoundRoute);
  const action = findExported(controller, route);
  if (action === undefined) return negotiated(request, errorReply(404, request.transaction));
  const count = controller.countInvocation();
  if (count !== undefined) {
    const allowed = controller.options.invocationsPerMinute ?? 0;
    return negotiated(request, errorReply(429, request.transaction, messages.tooManyRequests(count, allowed)));
  }
  const reply = negotiated(request, await answerExported(request, controller, route, action, user));
  return controllerAnswersOptions(action) ? withHeaders(corsHeaders(request), reply) : reply;
}

function findExported(controller: Controller, route: WebRoute): Action | undefined {
  if (route.namespace !== controller.options.namespace) return undefined;
  const name = route.package === undefined ? route.action : `${route.package}/${route.action}`;
  const action = controller.findAction(name);
  return action !== undefined && hasAnnotation(action, 'web-export') ? action : undefined;
}

async function answerExported(
  request: GatewayRequest,
  controller: Controller,
  route: WebRoute,
  action: Action,
  user: string | undefined,
): Promise<Reply> {
  const { transaction } = request;
  const { payloadLimit, waitLimit } = controller.options;
  if (request.bodyLength > payloadLimit) {
    return errorReply(413, transaction, messages.entityTooBig(request.bodyLength, payloadLimit));
  }
  const isOptions = request.method === 'OPTIONS';
  if (isOptions && controllerAnswersOptions(action)) return emptyReply(200);
  if (!isOptions && !isAuthorized(action, request.headers, user)) return errorReply(401, transaction);
  const parameters = webParameters(request, route, action, user);
  if (parameters === undefined) return errorReply(400, transaction, messages.parametersNotAllowed);
  const { activationId, activation } = await controller.invoke(action, parameters, transaction, waitLimit);
  const reply =
    activation === undefined
      ? errorReply(202, transaction, messages.responseNotReady)
      : activationReply(route.extension, activation, transaction);
  return withHeaders([['x-openwhisk-activation-id', activationId]], reply);
}

function activationReply(extension: Extension, { outcome }: Activation, transaction: string): Reply {
  const { status, result } = outcome.response;
  switch (status) {
    case 'success':
      // The controller takes the result for an object and fails on the arrays that actions may return since 2022.
      return isJsonObject(result) ? resultReply(extension, result, transaction) : errorReply(500, transaction);
    case 'application error':
      return resultReply(extension, (isJsonObject(result) ? result['error'] : undefined) ?? null, transaction);
    case 'action developer error':
    case 'whisk internal error':
      return errorReply(400, transaction, messages.errorProcessingRequest);
  }
}

/** Content negotiation comes last, when the action has run; pekko-http applies it to successes and redirections. */
function negotiated(request: GatewayRequest, reply: Reply): Reply {
  if (reply.contentType === undefined || reply.status >= 400 || isAccepted(request, reply.contentType)) return reply;
  throw new Rejection(406, messages.unacceptable(reply.contentType));
}
