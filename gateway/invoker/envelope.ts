import { hasAnnotation, initEnvironment, qualifiedName, runParameters, type Action } from '../action.ts';
import type { JsonObject } from '../json/json.ts';
import type { ActivationRequest } from './activation.ts';

/** The version every action of the gateway has. */
export const actionVersion = '0.0.1';

/** Environment of a new instance, as `docker run -e` gives it (DockerContainerFactory.scala). */
export function instanceEnvironment(action: Action, apiHost: string): Record<string, string> {
  return { __OW_API_HOST: apiHost, __OW_ALLOW_CONCURRENT: String(action.limits.concurrency > 1) };
}

/** Body of /init for an action without code (WhiskAction.scala, `containerInitializer`). */
export function initEnvelope(request: ActivationRequest, key: string): JsonObject {
  const context = Object.entries(activationContext(request, key)).map(([name, value]) => [
    `__OW_${name.toUpperCase()}`,
    value,
  ]);
  return {
    value: {
      name: request.action.name,
      main: 'main',
      binary: false,
      env: { ...initEnvironment(request.action), ...Object.fromEntries(context) },
    },
  };
}

/** Body of /run. */
export function runEnvelope(request: ActivationRequest, key: string): JsonObject {
  const value = { ...runParameters(request.action), ...request.parameters };
  return { value, ...activationContext(request, key) };
}

function activationContext(request: ActivationRequest, key: string): Record<string, string> {
  const { action } = request;
  return {
    namespace: request.namespace,
    action_name: `/${request.namespace}/${qualifiedName(action)}`,
    action_version: actionVersion,
    activation_id: request.activationId,
    transaction_id: request.transaction,
    deadline: String(Date.now() + action.limits.timeout),
    ...(hasAnnotation(action, 'provide-api-key', true) ? { api_key: key } : {}),
  };
}
