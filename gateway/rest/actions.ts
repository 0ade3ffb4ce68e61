import type { Controller } from '../controller.ts';
import { Rejection, messages, restError } from '../errors.ts';
import { isEntityName } from '../entity-name.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import { actionDocument, actionSummary } from './action-document.ts';
import { checkChange } from './check-change.ts';
import { invokeAction } from './invoke.ts';
import { listEntities } from './list.ts';
import { RestParameters } from './parameters.ts';
import { putAction } from './put-action.ts';

/** Lists, shows, creates, changes, deletes and invokes actions; `rest` is the path after `actions/` (Actions.scala). */
export async function answerActions(
  request: GatewayRequest,
  controller: Controller,
  rest: readonly string[],
): Promise<Reply> {
  const { method } = request;
  const isList = rest.at(-1) === '' || rest.length === 0;
  const path = isList ? rest.slice(0, -1) : rest;
  if (path.length > 2 || (isList && (method !== 'GET' || path.length > 1))) {
    throw new Rejection(404, messages.notFoundRoute);
  }
  if (!path.every(isEntityName)) throw new Rejection(400, 'The name of the entity contains illegal characters.');
  if (isList) return listActions(request, controller, path[0]);
  switch (method) {
    case 'GET':
      return showAction(request, controller, path.join('/'));
    case 'POST':
      return invokeAction(request, controller, path.join('/'));
    case 'PUT':
    case 'DELETE':
      return changeAction(request, controller, path);
    default:
      throw new Rejection(404, messages.notFoundRoute);
  }
}

async function listActions(
  request: GatewayRequest,
  { entities, options }: Controller,
  packageName: string | undefined,
): Promise<Reply> {
  const named = packageName === undefined ? undefined : entities.package(packageName);
  const provider = named && entities.provider(named);
  if (packageName !== undefined && provider === undefined) return restError(404, request.transaction);
  const listed = provider === undefined ? entities.actions() : entities.actionsOf(provider);
  return listEntities(request, 'actions', listed, (action) => actionSummary(action, options.namespace));
}

function showAction(request: GatewayRequest, { entities, options }: Controller, name: string): Reply {
  const action = entities.resolve(name);
  if (action !== undefined) {
    const withCode = new RestParameters(request).boolean('code', true);
    return jsonReply(200, actionDocument(action, options.namespace, withCode));
  }
  const isPackage = entities.package(name) !== undefined;
  return isPackage ? restError(409, request.transaction, messages.conformance) : restError(404, request.transaction);
}

function changeAction(request: GatewayRequest, controller: Controller, path: readonly string[]): Reply {
  checkChange(request, controller);
  const { entities, options } = controller;
  const { transaction } = request;
  const [packageName = ''] = path;
  const holder = entities.package(packageName);
  if (path.length === 2 && holder === undefined) return restError(404, transaction);
  if (path.length === 2 && holder?.binding !== undefined) {
    return restError(400, transaction, messages.notAllowedOnBinding);
  }
  if (request.method === 'PUT') return putAction(request, controller, path);
  const action = entities.action(path.join('/'));
  if (action !== undefined) {
    controller.deleteAction(action);
    return jsonReply(200, actionDocument(action, options.namespace));
  }
  return path.length === 1 && holder !== undefined
    ? restError(409, transaction, messages.conformance)
    : restError(404, transaction);
}
