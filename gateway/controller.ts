import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { qualifiedName, type Action } from './action.ts';
import { ActivationStore, type Activation } from './activations.ts';
import { Invoker, type InvokerOptions } from './invoker/invoker.ts';
import type { JsonObject } from './exact-json.ts';

export interface ControllerOptions extends InvokerOptions {
  /** The one namespace there is, for example "guest". */
  readonly namespace: string;
  readonly actions: readonly Action[];
  /** Longest request body in bytes. */
  readonly payloadLimit: number;
  /** Milliseconds after which a caller gets 202 instead of the result. */
  readonly waitLimit: number;
  /** Activations allowed in a minute; undefined for no limit. */
  readonly invocationsPerMinute: number | undefined;
  /** How many activations to remember. */
  readonly activationsKept: number;
  readonly onActivation: (activation: Activation) => void;
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
  #recentInvocations: number[] = [];

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

  /** Counts one more invocation; its number within the last minute when that is more than allowed. */
  countInvocation(): number | undefined {
    const allowed = this.options.invocationsPerMinute;
    if (allowed === undefined) return undefined;
    const now = Date.now();
    this.#recentInvocations = [...this.#recentInvocations.filter((time) => now - time < 60_000), now];
    return this.#recentInvocations.length > allowed ? this.#recentInvocations.length : undefined;
  }

  /** Invokes an action and waits up to `wait` ms for its end. Rejects when the gateway is shutting down. */
  async invoke(action: Action, parameters: JsonObject, transaction: string, wait: number): Promise<Invocation> {
    const activationId = randomUUID().replaceAll('-', '');
    const running = this.#run(activationId, action, parameters, transaction);
    const timer = new AbortController();
    const timeout = delay(wait, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      return { activationId, activation: await Promise.race([running, timeout]) };
    } finally {
      timer.abort();
      running.catch(() => undefined);
    }
  }

  /** Starts an instance of each action. */
  prewarm(): void {
    for (const action of this.#actions.values()) this.#invoker.prewarm(action);
  }

  async close(): Promise<void> {
    await this.#invoker.close();
  }

  async #run(activationId: string, action: Action, parameters: JsonObject, transaction: string): Promise<Activation> {
    const request = { activationId, transaction, namespace: this.options.namespace, action, parameters };
    const start = Date.now();
    const outcome = await this.#invoker.run(request);
    const activation = { request, start, end: Date.now(), outcome };
    this.activations.add(activation);
    this.options.onActivation(activation);
    return activation;
  }
}
