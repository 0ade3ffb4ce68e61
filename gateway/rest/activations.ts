import { qualifiedName } from '../action.ts';
import { activationRecord, activationResponse, activationSummary } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { Rejection, errorReply, messages } from '../errors.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http.ts';
import { parseQuery } from '../uri.ts';

/** Lists activations, or shows one, its result or its logs; `path` is what follows `activations/` (Activations.scala). */
export async function answerActivations(request: GatewayRequest, controller: Controller, path: string): Promise<Reply> {
  if (path === '') return listActivations(request, controller);
  const [activationId = '', projection] = path.split('/');
  const activation = controller.activations.get(activationId);
  if (activation === undefined) return errorReply(404, request.transaction);
  switch (projection) {
    case undefined:
      return jsonReply(200, await activationRecord(activation));
    case 'result':
      return jsonReply(200, activationResponse(activation.outcome.response));
    case 'logs':
      return jsonReply(200, { logs: await activation.outcome.logs });
    default:
      throw new Rejection(404, messages.notFoundRoute);
  }
}

async function listActivations(request: GatewayRequest, controller: Controller): Promise<Reply> {
  const query = new Map(parseQuery(request.query));
  const limit = Number(query.get('limit') ?? 30) || 200;
  const name = query.get('name');
  const activations = controller.activations
    .list()
    .filter((activation) => name === undefined || qualifiedName(activation.request.action) === name)
    .slice(0, limit);
  const isFull = query.get('docs') === 'true';
  return jsonReply(
    200,
    isFull ? await Promise.all(activations.map(activationRecord)) : activations.map(activationSummary),
  );
}
