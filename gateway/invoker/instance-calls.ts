import type { Action } from '../action.ts';
import type { JsonObject } from '../json/json.ts';
import { encodeText } from '../java-text.ts';
import { printJson } from '../json/print.ts';
import type { ActivationRequest } from './activation.ts';
import { postToContainer, type ContainerReply } from './client.ts';
import { initEnvelope, runEnvelope } from './envelope.ts';
import type { Instance } from './instance.ts';
import type { Slot } from './pool.ts';
import { judgeInit, judgeRun, type Verdict } from './result.ts';

export interface InstanceCallsOptions {
  /** `uuid:key`, given to actions with the annotation `provide-api-key`. */
  readonly key: string;
  /** Longest result in bytes. */
  readonly resultLimit: number;
}

/** How a call of an instance ended. */
export interface Call {
  readonly verdict: Verdict;
  readonly timedOut: boolean;
}

export interface Initialization {
  /** Undefined if the instance is ready to run. */
  readonly failure: Call | undefined;
  /** Milliseconds. */
  readonly duration: number;
}

/** Calls /init and /run of instances, and judges their replies (Container.scala, `initialize` and `run`). */
export class InstanceCalls {
  readonly #options: InstanceCallsOptions;
  readonly #initializations = new WeakMap<Slot, Promise<Initialization>>();

  constructor(options: InstanceCallsOptions) {
    this.#options = options;
  }

  /** Whether /init of the slot's instance was called. */
  hasInitialized(slot: Slot): boolean {
    return this.#initializations.has(slot);
  }

  /** Calls /init once per instance. Concurrent activations share its outcome. Never rejects. */
  initialize(slot: Slot, instance: Instance, request: ActivationRequest): Promise<Initialization> {
    const known = this.#initializations.get(slot);
    if (known !== undefined) return known;
    const initialization = this.#postInit(instance, request);
    this.#initializations.set(slot, initialization);
    return initialization;
  }

  /** Calls /run. Never rejects. */
  async run(instance: Instance, request: ActivationRequest, isCold: boolean): Promise<Call> {
    const { timeout } = request.action.limits;
    const reply = await this.#post(instance, '/run', runEnvelope(request, this.#options.key), request.action);
    const verdict = lostWorker(request, reply) ?? judgeRun(reply, timeout, isCold);
    return { verdict, timedOut: reply.kind === 'timeout' };
  }

  async #postInit(instance: Instance, request: ActivationRequest): Promise<Initialization> {
    const { timeout } = request.action.limits;
    const began = Date.now();
    const reply = await this.#post(instance, '/init', initEnvelope(request, this.#options.key), request.action);
    const duration = Date.now() - began;
    const verdict = isInitializedAlready(request.action, reply)
      ? undefined
      : (lostWorker(request, reply) ?? judgeInit(reply, timeout));
    return { failure: verdict && { verdict, timedOut: reply.kind === 'timeout' }, duration };
  }

  #post(
    instance: Instance,
    path: '/init' | '/run',
    envelope: JsonObject,
    { limits: { timeout }, source }: Action,
  ): Promise<ContainerReply> {
    return postToContainer(new URL(path, instance.url), encodeText(printJson(envelope)), {
      timeout,
      responseLimit: this.#options.resultLimit,
      // A worker runs already, or has left.
      retry: path === '/init' && source.kind !== 'workers',
      signal: instance.gone,
    });
  }
}

/** An external container may have been initialized by an earlier gateway. Its refusal of a second /init is expected. */
function isInitializedAlready(action: Action, reply: ContainerReply): boolean {
  return (
    (action.source.kind === 'container' || action.source.kind === 'workers') &&
    reply.kind === 'response' &&
    reply.status === 403 &&
    reply.text.includes('Cannot initialize the action more than once')
  );
}

/**
 * The call of a worker that has left, or is about to (503), goes to another one, as the newer one of OpenWhisk's two
 * invokers has it (FunctionPullingContainerProxy.scala). Workers come and go by themselves.
 */
function lostWorker({ action }: ActivationRequest, reply: ContainerReply): Verdict | undefined {
  const isLost =
    reply.kind === 'connection refused' ||
    reply.kind === 'connection failed' ||
    (reply.kind === 'response' && reply.status === 503);
  return action.source.kind === 'workers' && isLost ? { kind: 'run again' } : undefined;
}
