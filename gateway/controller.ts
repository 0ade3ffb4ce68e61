import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { qualifiedName, type Action, type ActionLimits } from './action.ts';
import { ActivationStore } from './activations.ts';
import { EntityStore } from './entity-store.ts';
import type { Activation, ActivationRequest } from './invoker/activation.ts';
import { Invoker, type InvokerOptions } from './invoker/invoker.ts';
import type { PoolLoad } from './invoker/pool.ts';
import type { JsonObject } from './json/json.ts';
import type { Package } from './package.ts';

export interface ControllerOptions extends InvokerOptions {
  /** The only namespace, for example "guest". */
  readonly namespace: string;
  readonly actions: readonly Action[];
  /** Limits of an action that is created without. */
  readonly defaultLimits: ActionLimits;
  /** Longest request body in bytes. */
  readonly payloadLimit: number;
  /** Milliseconds after which a caller gets 202 instead of the result. */
  readonly waitLimit: number;
  /** The most activations to keep. */
  readonly activationsKept: number;
  readonly onActivation: (activation: Activation) => void;
  /** Called for each activation that was lost because its instance answered 503. */
  readonly onLost: (request: ActivationRequest) => void;
  /** Called after every change by the REST API. */
  readonly onChange: (change: EntityChange) => void;
}

/** An action or a package that the REST API has changed. */
export interface EntityChange {
  readonly kind: 'action' | 'package';
  /** Without the namespace. */
  readonly name: string;
  readonly change: 'created' | 'updated' | 'deleted';
}

/** A started activation. `activation` is undefined if it did not end within the wait. */
export interface Invocation {
  readonly activationId: string;
  readonly activation: Activation | undefined;
}

/** The actions, their activations and the limits, shared by web actions and the REST API. */
export class Controller {
  readonly options: ControllerOptions;
  readonly activations: ActivationStore;
  readonly #invoker: Invoker;
  readonly entities: EntityStore;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.activations = new ActivationStore(options.activationsKept);
    this.#invoker = new Invoker(options);
    this.entities = new EntityStore(options.actions);
  }

  /**
   * Starts to serve an action, instead of the one of this name. Running activations of that one continue to their end.
   */
  putAction(action: Action): void {
    const name = qualifiedName(action);
    const before = this.entities.action(name);
    if (before !== undefined) this.#invoker.retire(before);
    this.entities.putAction(action);
    this.options.onChange({ kind: 'action', name, change: before === undefined ? 'created' : 'updated' });
  }

  /** Stops serving an action. Its running activations continue to their end. */
  deleteAction(action: Action): void {
    this.#invoker.retire(action);
    this.entities.deleteAction(action);
    this.options.onChange({ kind: 'action', name: qualifiedName(action), change: 'deleted' });
  }

  putPackage(changed: Package): void {
    const { name } = changed;
    const change = this.entities.package(name) === undefined ? 'created' : 'updated';
    this.entities.putPackage(changed);
    this.options.onChange({ kind: 'package', name, change });
  }

  deletePackage(deleted: Package): void {
    this.entities.deletePackage(deleted);
    this.options.onChange({ kind: 'package', name: deleted.name, change: 'deleted' });
  }

  /** Invokes an action and waits up to `wait` ms for its end; 0 does not wait. Rejects while the gateway shuts down. */
  async invoke(action: Action, parameters: JsonObject, transaction: string, wait: number): Promise<Invocation> {
    const activationId = randomUUID().replaceAll('-', '');
    const running = this.#run(activationId, action, parameters, transaction);
    running.catch(() => undefined);
    if (wait === 0) return { activationId, activation: undefined };
    const timer = new AbortController();
    const timeout = delay(wait, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      // A lost activation never gets a result, so its caller waits until the timeout.
      return { activationId, activation: await Promise.race([running.then((ended) => ended ?? timeout), timeout]) };
    } finally {
      timer.abort();
    }
  }

  /** Starts an instance of each action. */
  prewarm(): void {
    for (const action of this.entities.actions()) this.#invoker.prewarm(action);
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
