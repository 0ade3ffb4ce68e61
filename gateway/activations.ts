import { qualifiedName } from './action.ts';
import type { Activation, ActivationResponse } from './invoker/activation.ts';
import { resultSize } from './invoker/result.ts';
import type { JsonObject } from './json/json.ts';

/** The latest activations, up to a capacity. */
export class ActivationStore {
  readonly #activations = new Map<string, Activation>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(activation: Activation): void {
    this.#activations.set(activation.request.activationId, activation);
    const [oldest] = this.#activations.keys();
    if (this.#activations.size > this.#capacity && oldest !== undefined) this.#activations.delete(oldest);
  }

  get(activationId: string): Activation | undefined {
    return this.#activations.get(activationId);
  }

  /** Newest first. */
  list(): readonly Activation[] {
    return [...this.#activations.values()].toReversed();
  }
}

/** The record as `wsk activation get` shows it (WhiskActivation.scala, `toExtendedJson`). */
export async function activationRecord(activation: Activation): Promise<JsonObject> {
  const { statusCode: _statusCode, ...summary } = activationSummary(activation);
  return {
    ...summary,
    logs: await activation.outcome.logs,
    response: activationResponse(activation.outcome.response),
    subject: activation.request.namespace,
  };
}

/** The record as a list of activations shows it. */
export function activationSummary({ request, start, end, outcome }: Activation): JsonObject {
  const { action, namespace } = request;
  const annotations: JsonObject = {
    path: `${namespace}/${qualifiedName(action)}`,
    kind: 'blackbox',
    timeout: outcome.timedOut,
    waitTime: outcome.waitTime,
    limits: { ...action.limits },
    ...(outcome.initTime === undefined ? {} : { initTime: outcome.initTime }),
  };
  return {
    activationId: request.activationId,
    namespace,
    name: action.name,
    version: action.version,
    start,
    end,
    duration: end - start,
    publish: false,
    statusCode: statusCodes[outcome.response.status],
    annotations: Object.entries(annotations).map(([key, value]) => ({ key, value })),
  };
}

const statusCodes = {
  success: 0,
  'application error': 1,
  'action developer error': 2,
  'whisk internal error': 3,
} as const;

/** The `response` member of a record. */
export function activationResponse(response: ActivationResponse): JsonObject {
  return {
    status: response.status,
    success: response.status === 'success',
    result: response.result,
    size: resultSize(response),
  };
}
