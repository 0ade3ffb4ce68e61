import { runParameters, type Action } from '../action.ts';
import { actionVersion } from '../invoker/envelope.ts';
import type { JsonObject } from '../json/json.ts';

/** An action as `wsk action get` shows it (WhiskAction.scala). */
export function actionDocument(action: Action, namespace: string): JsonObject {
  return {
    ...actionSummary(action, namespace),
    exec: { kind: 'blackbox', image: describeSource(action), binary: false },
    parameters: Object.entries(runParameters(action)).map(([key, value]) => ({ key, value })),
  };
}

/** An action as a list of actions shows it. */
export function actionSummary(action: Action, namespace: string): JsonObject {
  return {
    namespace: action.package === undefined ? namespace : `${namespace}/${action.package}`,
    name: action.name,
    version: actionVersion,
    publish: false,
    exec: { binary: false },
    annotations: Object.entries(action.annotations).map(([key, value]) => ({ key, value })),
    limits: { ...action.limits },
  };
}

function describeSource({ source }: Action): string {
  switch (source.kind) {
    case 'process':
      return [source.command, ...source.arguments].join(' ');
    case 'container':
      return source.url.href;
    case 'image':
      return source.image;
  }
}
