import type { Action, ActionParameter } from '../action.ts';
import { workersText } from '../instance-source.ts';
import { isBinaryCode } from '../invoker/envelope.ts';
import type { Json, JsonObject } from '../json/json.ts';

/**
 * An action as `wsk action get` shows it (WhiskAction.scala).
 *
 * @param withCode whether to include its code, if it has any
 */
export function actionDocument(action: Action, namespace: string, withCode = true): JsonObject {
  return {
    ...actionSummary(action, namespace),
    exec: execOf(action, withCode),
    parameters: parameterList(action.parameters),
  };
}

/** An action as a list of actions shows it. */
export function actionSummary(action: Action, namespace: string): JsonObject {
  return {
    namespace: action.package === undefined ? namespace : `${namespace}/${action.package}`,
    name: action.name,
    version: action.version,
    updated: action.updated,
    publish: action.publish,
    exec: { binary: false },
    annotations: keyValueList(action.annotations),
    limits: { ...action.limits },
  };
}

/** Parameters as documents show them. */
export function parameterList(parameters: readonly ActionParameter[]): Json {
  return parameters.map(({ key, value, init }) => ({ key, value, ...(init === true && { init }) }));
}

/** Annotations as documents show them. */
export function keyValueList(annotations: JsonObject): Json {
  return Object.entries(annotations).map(([key, value]) => ({ key, value }));
}

function execOf({ source }: Action, withCode: boolean): JsonObject {
  switch (source.kind) {
    case 'process':
      return { kind: 'blackbox', image: [source.command, ...source.arguments].join(' '), binary: false };
    case 'container':
      return { kind: 'blackbox', image: source.url.href, binary: false };
    case 'workers':
      return { kind: 'blackbox', image: workersText(source.workers), binary: false };
    case 'image': {
      const { image, code, main } = source;
      return {
        kind: 'blackbox',
        image,
        binary: code !== undefined && isBinaryCode(code),
        ...(code !== undefined && withCode && { code }),
        ...(main !== undefined && { main }),
      };
    }
  }
}
