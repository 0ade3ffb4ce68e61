import type { Controller } from '../controller.ts';
import { Rejection, messages, methodNotAllowed, restError } from '../errors.ts';
import { isEntityName } from '../entity-name.ts';
import { decodePercent } from '../http/percent.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import { answerActions } from './actions.ts';
import { answerActivations } from './activations.ts';
import { checkOrigin } from './check-change.ts';
import { listEntities } from './list.ts';
import { answerPackages } from './packages.ts';

/**
 * Answers a request to `/api/v1/namespaces/…` with valid credentials (Namespaces.scala, Actions.scala, Packages.scala,
 * Activations.scala). There are no triggers and rules, and they cannot be created. Unlike OpenWhisk's, the replies have
 * no CORS headers, so pages of other origins cannot use them. Throws Rejection for requests that the controller's HTTP
 * library refuses, including unknown paths.
 */
export async function answerRest(request: GatewayRequest, controller: Controller): Promise<Reply> {
  checkOrigin(request);
  const [root, namespace, collection, ...rest] = request.path.split('/').slice(3).map(decodePercent);
  if (root !== 'namespaces') throw new Rejection(404, messages.notFoundRoute);
  if (collection === undefined) return listNamespaces(request, controller, namespace);
  if (!collections.has(collection)) throw new Rejection(404, messages.notFoundRoute);
  if (!isEntityName(namespace)) throw new Rejection(400, 'The namespace contains illegal characters.');
  const { namespace: ownNamespace } = controller.options;
  if (namespace !== '_' && namespace !== ownNamespace) return foreign(request, collection, [namespace, ...rest]);
  switch (collection) {
    case 'actions':
      return answerActions(request, controller, rest);
    case 'activations':
      return answerActivations(request, controller, rest);
    case 'packages':
      return answerPackages(request, controller, rest);
    default:
      return answerEmptyCollection(request, collection, rest);
  }
}

const collections = new Set(['actions', 'activations', 'packages', 'triggers', 'rules']);

function listNamespaces(request: GatewayRequest, { options }: Controller, namespace: string | undefined): Reply {
  const isCollection = namespace === undefined || namespace === '';
  if (!isCollection || request.method !== 'GET') throw new Rejection(404, messages.notFoundRoute);
  return jsonReply(200, [options.namespace]);
}

/** Every caller may list the shared packages of any namespace. There are no shared packages. */
async function foreign(request: GatewayRequest, collection: string, path: readonly string[]): Promise<Reply> {
  const [namespace = '', name = ''] = path;
  if (collection === 'packages' && name === '') return listEntities(request, collection, [], () => null);
  const resource = name === '' ? namespace : `${namespace}/${name}`;
  return restError(403, request.transaction, `The supplied authentication is not authorized to access '${resource}'.`);
}

/** Triggers and rules. */
async function answerEmptyCollection(
  request: GatewayRequest,
  collection: string,
  [name = '', ...more]: readonly string[],
): Promise<Reply> {
  if (more.length > 0) throw new Rejection(404, messages.notFoundRoute);
  if (name === '' && request.method === 'GET') return listEntities(request, collection, [], () => null);
  if (name === '') throw new Rejection(404, messages.notFoundRoute);
  if (request.method === 'PUT') throw methodNotAllowed(['GET', 'POST', 'DELETE']);
  return restError(404, request.transaction);
}
