import { hasAnnotation, type Action } from '../action.ts';
import type { Activation } from '../invoker/activation.ts';
import type { Controller } from '../controller.ts';
import { ControllerFailure, errorReply, messages } from '../errors.ts';
import { emptyReply, withHeaders, type GatewayRequest, type Reply } from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import { isJsonObject } from '../json/json.ts';
import { isAuthorized } from './authorization.ts';
import { controllerAnswersOptions, corsHeaders } from './cors.ts';
import { webParameters } from './request.ts';
import { resultReply } from './response.ts';
import type { Extension, WebRoute } from './route.ts';

/**
 * Answers a request to a web action by the rules of OpenWhisk's controller and in its order of checks
 * (WebActions.scala). Throws Rejection if pekko-http rejects the request.
 * @param user namespace of the caller; undefined without valid credentials
 */
export async function answerWebAction(
  request: GatewayRequest,
  controller: Controller,
  route: WebRoute,
  user: string | undefined,
): Promise<Reply> {
  const action = findExported(controller, route);
  if (action === undefined) return errorReply(404, request.transaction);
  // Negotiate before adding the CORS headers, because a 406 has no CORS headers.
  const reply = negotiate(request, await answerExported(request, controller, route, action, user));
  return controllerAnswersOptions(action) ? withHeaders(corsHeaders(request), reply) : reply;
}

function findExported(controller: Controller, route: WebRoute): Action | undefined {
  if (route.namespace !== controller.options.namespace) return undefined;
  const name = route.package === undefined ? route.action : `${route.package}/${route.action}`;
  const action = controller.entities.resolve(name);
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
      // The controller expects an object. It fails on arrays, which actions may return since 2022.
      if (!isJsonObject(result)) {
        throw new ControllerFailure(
          "the web action's result is an array, for which OpenWhisk's controller answers 500",
          'return an object, for example {"body": […]}',
        );
      }
      return resultReply(extension, result, transaction);
    case 'application error':
      return resultReply(extension, (isJsonObject(result) ? result['error'] : undefined) ?? null, transaction);
    case 'action developer error':
    case 'whisk internal error':
      return errorReply(400, transaction, messages.errorProcessingRequest);
  }
}
