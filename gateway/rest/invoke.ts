import { immutableParameters } from '../action.ts';
import { activationRecord } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { Rejection, messages, restError } from '../errors.ts';
import { renderContentType } from '../http/media-type.ts';
import { jsonReply, type GatewayRequest, type Header, type Reply } from '../http/message.ts';
import type { Activation } from '../invoker/activation.ts';
import { parseJsonBody } from '../json/body.ts';
import { isJsonObject, type JsonObject } from '../json/json.ts';
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
  const payload = payloadOf(request);
  const action = controller.findAction(name);
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

function payloadOf({ contentType, body }: GatewayRequest): JsonObject {
  if (contentType === undefined) return {};
  const { type, subtype } = contentType.media;
  if (type !== 'application' || subtype !== 'json') {
    const given = renderContentType(contentType);
    throw new Rejection(415, `The request's Content-Type [${given}] is not supported. Expected:\napplication/json`);
  }
  if (body.length === 0) return {};
  const payload = parseJsonBody(body);
  if (!isJsonObject(payload)) throw new Rejection(400, messages.malformedContent('JSON object expected'));
  return payload;
}
