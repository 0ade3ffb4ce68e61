import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { qualifiedName, type Action } from './action.ts';
import { ActivationStore } from './activations.ts';
import type { Activation, ActivationRequest } from './invoker/activation.ts';
import { Invoker, type InvokerOptions } from './invoker/invoker.ts';
import type { PoolLoad } from './invoker/pool.ts';
import type { JsonObject } from './json/json.ts';

export interface ControllerOptions extends InvokerOptions {
  /** The one namespace there is, for example "guest". */
  readonly namespace: string;
  readonly actions: readonly Action[];
  /** Longest request body in bytes. */
  readonly payloadLimit: number;
  /** Milliseconds after which a caller gets 202 instead of the result. */
  readonly waitLimit: number;
  /** How many activations to remember. */
  readonly activationsKept: number;
  readonly onActivation: (activation: Activation) => void;
  /** Told every activation that an instance has taken along with a 503. */
  readonly onLost: (request: ActivationRequest) => void;
}

/** A started activation; `activation` is undefined when it did not end within the wait. */
export interface Invocation {
  readonly activationId: string;
  readonly activation: Activation | undefined;
}

/** What web actions and the REST API share: the actions, their activations and the limits. */
export class Controller {
  readonly options: ControllerOptions;
  readonly activations: ActivationStore;
  readonly #invoker: Invoker;
  readonly #actions: ReadonlyMap<string, Action>;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.activations = new ActivationStore(options.activationsKept);
    this.#invoker = new Invoker(options);
    this.#actions = new Map(options.actions.map((action) => [qualifiedName(action), action]));
  }

  /** Finds an action; `name` may hold a package, "package/name". */
  findAction(name: string): Action | undefined {
    return this.#actions.get(name);
  }

  /** Invokes an action and waits up to `wait` ms for its end, 0 for not at all. Rejects when the gateway is shutting down. */
  async invoke(action: Action, parameters: JsonObject, transaction: string, wait: number): Promise<Invocation> {
    const activationId = randomUUID().replaceAll('-', '');
    const running = this.#run(activationId, action, parameters, transaction);
    running.catch(() => undefined);
    if (wait === 0) return { activationId, activation: undefined };
    const timer = new AbortController();
    const timeout = delay(wait, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      // Of a lost activation there is nothing to hear, so the caller waits to the end.
      return { activationId, activation: await Promise.race([running.then((ended) => ended ?? timeout), timeout]) };
    } finally {
      timer.abort();
    }
  }

  /** Starts an instance of each action. */
  prewarm(): void {
    for (const action of this.#actions.values()) this.#invoker.prewarm(action);
  }

  /** All actions, in the order in which they were given. */
  actions(): readonly Action[] {
    return [...this.#actions.values()];
  }

  /** How busy an action is. */
  load(action: Action): PoolLoad {
    return this.#invoker.load(action);
  }

  async close(): Promise<void> {
    await this.#invoker.close();
  }

  async #run(
    activationId: string,
    action: Action,
    parameters: JsonObject,
    transaction: string,
  ): Promise<Activation | undefined> {
    const request = { activationId, transaction, namespace: this.options.namespace, action, parameters };
    const start = Date.now();
    const outcome = await this.#invoker.run(request);
    if (outcome === undefined) {
      this.options.onLost(request);
      return undefined;
    }
    const activation = { request, start, end: Date.now(), outcome };
    this.activations.add(activation);
    this.options.onActivation(activation);
    return activation;
  }
}
