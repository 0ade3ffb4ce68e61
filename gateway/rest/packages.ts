import type { Controller } from '../controller.ts';
import { Rejection, messages, methodNotAllowed, restError } from '../errors.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import { actionVersion } from '../invoker/envelope.ts';
import type { JsonObject } from '../json/json.ts';
import { actionSummary } from './action-document.ts';
import { listEntities } from './list.ts';

/** Lists the packages that actions are in, or shows one; `rest` is what follows `packages/` (Packages.scala). */
export async function answerPackages(
  request: GatewayRequest,
  controller: Controller,
  [name = '', ...more]: readonly string[],
): Promise<Reply> {
  const { namespace, actions } = controller.options;
  const names = [...new Set(actions.map((action) => action.package))].filter((each) => each !== undefined);
  if (more.length > 0) throw new Rejection(404, messages.notFoundRoute);
  if (name === '' && request.method === 'GET') {
    return listEntities(request, 'packages', names, (each) => packageSummary(each, namespace));
  }
  if (name === '' || request.method === 'POST') throw new Rejection(404, messages.notFoundRoute);
  if (request.method !== 'GET') throw methodNotAllowed(['GET']);
  if (!names.includes(name)) return restError(404, request.transaction);
  const members = actions.filter((action) => action.package === name);
  return jsonReply(200, {
    ...packageSummary(name, namespace),
    actions: members.map((action) => actionSummary(action, namespace)),
    parameters: [],
    binding: {},
    feeds: [],
  });
}

function packageSummary(name: string, namespace: string): JsonObject {
  return { namespace, name, version: actionVersion, publish: false, annotations: [] };
}
