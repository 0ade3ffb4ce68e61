import type { Controller } from '../controller.ts';
import { Rejection, messages, methodNotAllowed, restError } from '../errors.ts';
import { isEntityName } from '../entity-name.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import { createPackage, nextVersion, type Package } from '../package.ts';
import { checkChange } from './check-change.ts';
import { listEntities } from './list.ts';
import { packageDocument, packageSummary, savedPackage } from './package-document.ts';
import { RestParameters } from './parameters.ts';
import { readPackageBody, type PackageBody } from './put-body.ts';

/**
 * Lists, shows, creates, changes and deletes packages and bindings; `rest` is the path after `packages/`
 * (Packages.scala).
 */
export async function answerPackages(
  request: GatewayRequest,
  controller: Controller,
  [name = '', ...more]: readonly string[],
): Promise<Reply> {
  const { entities, options } = controller;
  const { method, transaction } = request;
  if (more.length > 0) throw new Rejection(404, messages.notFoundRoute);
  if (name === '' && method === 'GET') {
    return listEntities(request, 'packages', entities.packages(), (each) => packageSummary(each, options.namespace));
  }
  if (name === '' || method === 'POST') throw new Rejection(404, messages.notFoundRoute);
  if (!isEntityName(name)) throw new Rejection(400, 'The name of the entity contains illegal characters.');
  const found = entities.package(name);
  switch (method) {
    case 'PUT':
      return putPackage(request, controller, name);
    case 'GET':
      if (found !== undefined) return jsonReply(200, packageDocument(found, entities, options.namespace));
      break;
    case 'DELETE':
      checkChange(request, controller);
      if (found !== undefined) return deletePackage(request, controller, found);
      break;
    default:
      throw methodNotAllowed(['GET', 'PUT', 'DELETE']);
  }
  const isAction = entities.action(name) !== undefined;
  return isAction ? restError(409, transaction, messages.conformance) : restError(404, transaction);
}

function putPackage(request: GatewayRequest, controller: Controller, name: string): Reply {
  checkChange(request, controller);
  const { entities, options } = controller;
  const { transaction } = request;
  if (name === 'default') return restError(400, transaction, messages.packageNameIsReserved(name));
  const overwrite = new RestParameters(request).boolean('overwrite');
  const body = readPackageBody(request);
  if (entities.action(name) !== undefined) return restError(409, transaction, messages.conformance);
  const before = entities.package(name);
  if (before !== undefined && !overwrite) return restError(409, transaction, messages.alreadyExists);
  const binding = bindingIn(body, controller);
  if (before !== undefined && before.binding === undefined && binding !== undefined) {
    return restError(409, transaction, messages.packageCannotBecomeBinding);
  }
  const changed = before ?? createPackage(name);
  const saved: Package = {
    ...changed,
    binding: binding ?? changed.binding,
    version: body.version ?? (before === undefined ? changed.version : nextVersion(before.version)),
    updated: Date.now(),
    publish: body.publish ?? changed.publish,
    parameters: body.parameters ?? changed.parameters,
    // The annotation `binding` is the controller's own.
    annotations: withoutBinding(body) ?? changed.annotations,
  };
  controller.putPackage(saved);
  return jsonReply(200, savedPackage(saved, options.namespace));
}

/** Name of the bound package. Undefined if the request does not make a binding. */
function bindingIn({ binding }: PackageBody, { entities, options }: Controller): string | undefined {
  if (binding === undefined || !('name' in binding)) return undefined;
  const { namespace, name } = binding;
  if (!['', '_', options.namespace].includes(namespace)) {
    throw new Rejection(403, `The supplied authentication is not authorized to access '${namespace}/${name}'.`);
  }
  const bound = entities.package(name);
  if (bound === undefined) throw new Rejection(400, messages.bindingDoesNotExist);
  if (bound.binding !== undefined) throw new Rejection(400, messages.bindingCannotReferenceBinding);
  return name;
}

function withoutBinding({ annotations }: PackageBody): Package['annotations'] | undefined {
  if (annotations === undefined) return undefined;
  return Object.fromEntries(annotations.filter(({ key }) => key !== 'binding').map(({ key, value }) => [key, value]));
}

/** A package with actions is deleted only with `force`, together with its actions. */
function deletePackage(request: GatewayRequest, controller: Controller, found: Package): Reply {
  const { entities, options } = controller;
  const members = found.binding === undefined ? entities.actionsOf(found) : [];
  if (members.length > 0 && !new RestParameters(request).boolean('force')) {
    return restError(409, request.transaction, messages.packageNotEmpty(members.length));
  }
  for (const action of members) controller.deleteAction(action);
  controller.deletePackage(found);
  return jsonReply(200, savedPackage(found, options.namespace));
}
