import { parseMediaType } from '../../core/http/media-type.ts';
import { immutableParameters, runParameters, type Action } from '../action.ts';
import { activationRecord, type Activation } from '../activations.ts';
import type { Controller } from '../controller.ts';
import { Rejection, errorReply, messages } from '../errors.ts';
import { headerValue, jsonReply, type GatewayRequest, type Header, type Reply } from '../http.ts';
import { actionVersion } from '../invoker/envelope.ts';
import { isJsonObject, type JsonObject } from '../exact-json.ts';
import { parseJsonBody } from '../json-body.ts';
import { parseQuery } from '../uri.ts';

/** Lists, describes and invokes actions; `name` is what follows `actions/` (Actions.scala). */
export async function answerActions(request: GatewayRequest, controller: Controller, name: string): Promise<Reply> {
  const { namespace, actions } = controller.options;
  if (name === '' && request.method === 'GET') {
    return jsonReply(
      200,
      actions.map((action) => actionDocument(action, namespace)),
    );
  }
  const action = controller.findAction(name);
  if (action === undefined) return errorReply(404, request.transaction);
  if (request.method === 'GET') return jsonReply(200, actionDocument(action, namespace));
  if (request.method === 'POST') return invokeAction(request, controller, action);
  throw new Rejection(405, 'HTTP method not allowed, supported methods: GET, POST', {
    headers: [['Allow', 'GET, POST']],
  });
}

async function invokeAction(request: GatewayRequest, controller: Controller, action: Action): Promise<Reply> {
  const { payloadLimit, waitLimit, invocationsPerMinute } = controller.options;
  const count = controller.countInvocation();
  if (count !== undefined) {
    return errorReply(429, request.transaction, messages.tooManyRequests(count, invocationsPerMinute ?? 0));
  }
  if (request.bodyLength > payloadLimit) {
    return errorReply(413, request.transaction, messages.entityTooBig(request.bodyLength, payloadLimit));
  }
  const query = new Map(parseQuery(request.query));
  const wait = query.get('blocking') === 'true' ? waitOf(query.get('timeout'), waitLimit) : 0;
  const payload = payloadOf(request);
  const immutable = immutableParameters(action);
  if (Object.keys(payload).some((name) => immutable.has(name))) {
    return errorReply(400, request.transaction, messages.parametersNotAllowed);
  }
  const { activationId, activation } = await controller.invoke(action, payload, request.transaction, wait);
  const headers: Header[] = [['x-openwhisk-activation-id', activationId]];
  if (activation === undefined) return jsonReply(202, { activationId }, headers);
  return invocationReply(activation, query.get('result') === 'true', headers);
}

async function invocationReply(activation: Activation, onlyResult: boolean, headers: Header[]): Promise<Reply> {
  const { status, result } = activation.outcome.response;
  const code = status === 'success' ? 200 : status === 'whisk internal error' ? 500 : 502;
  return jsonReply(code, onlyResult ? result : await activationRecord(activation), headers);
}

/** Milliseconds that the caller wants to wait, at most the gateway's own limit. */
function waitOf(timeout: string | undefined, limit: number): number {
  if (timeout === undefined) return limit;
  const wait = /^\d+$/.test(timeout) ? Number(timeout) : Number.NaN;
  if (wait <= limit) return wait;
  throw new Rejection(
    400,
    `The query parameter 'timeout' was malformed:\nTimeout must be number of milliseconds up to ${limit}.`,
  );
}

function payloadOf(request: GatewayRequest): JsonObject {
  if (request.bodyLength === 0) return {};
  const contentType = headerValue(request.headers, 'content-type') ?? 'application/octet-stream';
  const media = parseMediaType(contentType);
  if (media?.type !== 'application' || media.subtype !== 'json') {
    const message = `The request's Content-Type [${contentType}] is not supported. Expected:\napplication/json`;
    throw new Rejection(415, message);
  }
  const payload = parseJsonBody(request.body);
  if (!isJsonObject(payload)) throw new Rejection(400, messages.malformedContent('JSON object expected'));
  return payload;
}

function actionDocument(action: Action, namespace: string): JsonObject {
  return {
    namespace: action.package === undefined ? namespace : `${namespace}/${action.package}`,
    name: action.name,
    version: actionVersion,
    publish: false,
    exec: { kind: 'blackbox', image: describeSource(action), binary: false },
    annotations: Object.entries(action.annotations).map(([key, value]) => ({ key, value })),
    parameters: Object.entries(runParameters(action)).map(([key, value]) => ({ key, value })),
    limits: { ...action.limits },
  };
}

function describeSource({ source }: Action): string {
  return source.kind === 'process' ? [source.command, ...source.arguments].join(' ') : source.url.href;
}
