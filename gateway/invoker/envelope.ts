import { hasAnnotation, initEnvironment, qualifiedName, runParameters, type Action } from '../action.ts';
import type { JsonObject } from '../json/json.ts';
import type { ActivationRequest } from './activation.ts';

/** Environment of a new instance, as `docker run -e` gives it (DockerContainerFactory.scala). */
export function instanceEnvironment(action: Action, apiHost: string): Record<string, string> {
  return { __OW_API_HOST: apiHost, __OW_ALLOW_CONCURRENT: String(action.limits.concurrency > 1) };
}

/** Body of /init (WhiskAction.scala, `containerInitializer`). */
export function initEnvelope(request: ActivationRequest, key: string): JsonObject {
  const { source } = request.action;
  const code = source.kind === 'image' ? source.code : undefined;
  const context = Object.entries(activationContext(request, key)).map(([name, value]) => [
    `__OW_${name.toUpperCase()}`,
    value,
  ]);
  return {
    value: {
      name: request.action.name,
      main: (source.kind === 'image' ? source.main : undefined) ?? 'main',
      binary: code !== undefined && isBinaryCode(code),
      ...(code !== undefined && { code }),
      env: { ...initEnvironment(request.action), ...Object.fromEntries(context) },
    },
  };
}

/** Base64 counts as an archive (Exec.scala, `isBinaryCode`). */
export function isBinaryCode(code: string): boolean {
  const text = code.trim();
  return text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/.test(text);
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
    action_version: action.version,
    activation_id: request.activationId,
    transaction_id: request.transaction,
    deadline: String(Date.now() + action.limits.timeout),
    ...(hasAnnotation(action, 'provide-api-key', true) ? { api_key: key } : {}),
  };
}
