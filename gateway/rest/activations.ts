import { qualifiedName } from '../action.ts';
import { activationRecord, activationResponse, activationSummary } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { Rejection, messages, restError } from '../errors.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import type { Activation } from '../invoker/activation.ts';
import { listEntities } from './list.ts';
import { RestParameters } from './parameters.ts';

/**
 * Lists activations, or shows one, its result or its logs; `rest` is the path after `activations/` (Activations.scala).
 */
export async function answerActivations(
  request: GatewayRequest,
  controller: Controller,
  [id = '', projection = '', ...more]: readonly string[],
): Promise<Reply> {
  if (request.method !== 'GET' || more.length > 0) throw new Rejection(404, messages.notFoundRoute);
  if (id === '') return listActivations(request, controller);
  if (id.length !== 32) throw new Rejection(400, `Activation id length is ${id.length} but must be 32.`);
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Rejection(400, 'The activation id is not valid.');
  if (!['', 'result', 'logs'].includes(projection)) throw new Rejection(404, messages.notFoundRoute);
  const activation = controller.activations.get(id);
  if (activation === undefined) return restError(404, request.transaction);
  switch (projection) {
    case 'result':
      return jsonReply(200, activationResponse(activation.outcome.response));
    case 'logs':
      return jsonReply(200, { logs: await activation.outcome.logs });
    default:
      return jsonReply(200, await activationRecord(activation));
  }
}

async function listActivations(request: GatewayRequest, controller: Controller): Promise<Reply> {
  const parameters = new RestParameters(request);
  const isFull = parameters.boolean('docs');
  if (isFull && parameters.boolean('count')) {
    return restError(400, request.transaction, "The parameter 'docs' is not permitted with 'count'.");
  }
  const [name, since, upto] = [parameters.text('name'), parameters.time('since'), parameters.time('upto')];
  const activations = controller.activations
    .list()
    .filter((activation) => name === undefined || name === '' || hasName(activation, name))
    .filter(({ start }) => start >= (since ?? 0) && start <= (upto ?? Infinity));
  return listEntities(request, 'activations', activations, isFull ? activationRecord : activationSummary);
}

function hasName({ request }: Activation, name: string): boolean {
  return qualifiedName(request.action) === name;
}
