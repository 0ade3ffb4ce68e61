import { immutableParameters } from '../action.ts';
import { activationRecord } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { messages, restError } from '../errors.ts';
import { jsonReply, type GatewayRequest, type Header, type Reply } from '../http/message.ts';
import type { Activation } from '../invoker/activation.ts';
import { jsonObjectIn } from './json-body.ts';
import { RestParameters } from './parameters.ts';

/** Invokes an action by its qualified name, blocking or not (Actions.scala, `activate`). */
export async function invokeAction(request: GatewayRequest, controller: Controller, name: string): Promise<Reply> {
  const { payloadLimit, waitLimit } = controller.options;
  const { transaction, bodyLength } = request;
  if (bodyLength > payloadLimit) {
    return restError(413, transaction, messages.entityTooBig(bodyLength, payloadLimit));
  }
  const parameters = new RestParameters(request);
  const [isBlocking, onlyResult] = [parameters.boolean('blocking'), parameters.boolean('result')];
  const wait = parameters.timeout(waitLimit);
  const payload = jsonObjectIn(request);
  const action = controller.entities.resolve(name);
  if (action === undefined) return restError(404, transaction);
  const immutable = immutableParameters(action);
  if (Object.keys(payload).some((key) => immutable.has(key))) {
    return restError(400, transaction, messages.parametersNotAllowed);
  }
  const { activationId, activation } = await controller.invoke(action, payload, transaction, isBlocking ? wait : 0);
  const headers: Header[] = [['x-openwhisk-activation-id', activationId]];
  if (activation === undefined) return jsonReply(202, { activationId }, headers);
  return invocationReply(activation, onlyResult, headers);
}

async function invocationReply(activation: Activation, onlyResult: boolean, headers: Header[]): Promise<Reply> {
  const { status, result } = activation.outcome.response;
  const code = status === 'success' ? 200 : status === 'whisk internal error' ? 500 : 502;
  return jsonReply(code, onlyResult ? result : await activationRecord(activation), headers);
}
