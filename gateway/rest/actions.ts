import { qualifiedName } from '../action.ts';
import type { Controller } from '../controller.ts';
import { Rejection, messages, methodNotAllowed, restError } from '../errors.ts';
import { isEntityName } from '../entity-name.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import { actionDocument, actionSummary } from './action-document.ts';
import { invokeAction } from './invoke.ts';
import { listEntities } from './list.ts';

/** Lists, describes and invokes actions; `rest` is what follows `actions/` (Actions.scala). */
export async function answerActions(
  request: GatewayRequest,
  controller: Controller,
  rest: readonly string[],
): Promise<Reply> {
  const { namespace, actions } = controller.options;
  const { method, transaction } = request;
  const isList = rest.at(-1) === '' || rest.length === 0;
  const path = isList ? rest.slice(0, -1) : rest;
  if (path.length > 2 || (isList && (method !== 'GET' || path.length > 1))) {
    throw new Rejection(404, messages.notFoundRoute);
  }
  if (!path.every(isEntityName)) throw new Rejection(400, 'The name of the entity contains illegal characters.');
  const name = path.join('/');
  if (isList) {
    const listed = actions.filter((action) => name === '' || action.package === name);
    if (name !== '' && listed.length === 0) return restError(404, transaction);
    return listEntities(request, 'actions', listed, (action) => actionSummary(action, namespace));
  }
  switch (method) {
    case 'GET': {
      const action = actions.find((each) => qualifiedName(each) === name);
      return action === undefined ? restError(404, transaction) : jsonReply(200, actionDocument(action, namespace));
    }
    case 'POST':
      return invokeAction(request, controller, name);
    case 'PUT':
    case 'DELETE':
      throw methodNotAllowed(['GET', 'POST']);
    default:
      throw new Rejection(404, messages.notFoundRoute);
  }
}
