import { qualifiedName, type Action } from '../action.ts';
import { messages } from '../errors.ts';
import type { JsonObject } from '../json/json.ts';
import { encodeText } from '../java-text.ts';
import { printJson } from '../json/print.ts';
import type { ActivationOutcome, ActivationRequest, ActivationResponse } from './activation.ts';
import { codeOf } from '../../core/errors.ts';
import { postToContainer, type ContainerReply } from './client.ts';
import { initEnvelope, instanceEnvironment, runEnvelope } from './envelope.ts';
import type { Instance } from './instance.ts';
import { startInstance } from './start-instance.ts';
import type { LogLine } from './logs.ts';
import { InstancePool, type Pool, type PoolLoad, type Slot } from './pool.ts';
import { internalError, judgeInit, judgeRun, type Verdict } from './result.ts';
import { WorkerPool } from './worker-pool.ts';

export interface InvokerOptions {
  /** URL under which instances reach the gateway, `__OW_API_HOST`. */
  readonly apiHost: () => string;
  /** `uuid:key`, given to actions with the annotation `provide-api-key`. */
  readonly key: string;
  /** Longest result in bytes. */
  readonly resultLimit: number;
  readonly onLog: (action: Action, line: LogLine) => void;
}

/** Runs activations on instances, by the rules of OpenWhisk's invoker (Container.scala, ContainerProxy.scala). */
export class Invoker {
  readonly #options: InvokerOptions;
  /** By name and version, because a changed action gets new instances. */
  readonly #pools = new Map<string, Pool>();
  /** Of actions that were changed or deleted: their last activations may still run. */
  readonly #retired: Pool[] = [];
  readonly #initializations = new WeakMap<Slot, Promise<Initialization>>();

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /**
   * Runs one activation to its end. Undefined if it is lost: OpenWhisk drops an activation whose instance answers 503,
   * without a record. Rejects only after `close`.
   */
  async run(request: ActivationRequest): Promise<ActivationOutcome | undefined> {
    const pool = this.#pool(request.action);
    const began = performance.now();
    for (;;) {
      const attempt = await this.#attempt(request, pool);
      if (attempt !== 'run again') return attempt;
      const waitTime = Math.round(performance.now() - began);
      if (waitTime > request.action.limits.timeout)
        return failedOutcome(internalError(messages.resourceProvisionError), waitTime);
    }
  }

  /** Starts an instance of the action without calling /init. */
  prewarm(action: Action): void {
    this.#pool(action).prewarm();
  }

  /** How busy an action is. */
  load(action: Action): PoolLoad {
    return this.#pool(action).load();
  }

  /** Destroys the instances of an action that was changed or deleted, each once its last activation has ended. */
  retire(action: Action): void {
    const pool = this.#pools.get(poolKey(action));
    if (pool === undefined) return;
    this.#pools.delete(poolKey(action));
    this.#retired.push(pool);
    pool.retire();
  }

  /** Destroys all instances. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.close()));
  }

  /** One attempt on one instance. "run again" if a warm instance had ended. */
  async #attempt(request: ActivationRequest, pool: Pool): Promise<ActivationOutcome | 'run again' | undefined> {
    const began = Date.now();
    const slot = await pool.acquire().catch(noSlot);
    const waitTime = Date.now() - began;
    if (slot === undefined) return failedOutcome(internalError(messages.resourceProvisionError), waitTime);
    const instance = await slot.instance.catch((error: unknown) => ({ error }));
    if ('error' in instance) {
      await pool.remove(slot);
      return failedOutcome(startFailure(instance.error, request.action), waitTime);
    }
    const isCold = !this.#initializations.has(slot);
    const { failure, duration } = await this.#initialize(slot, instance, request);
    const { verdict, timedOut } = failure ?? (await this.#call(instance, request, isCold));
    if (verdict.kind !== 'response') {
      await pool.remove(slot);
      return verdict.kind === 'run again' ? 'run again' : undefined;
    }
    const logs = instance
      .takeLogs(request.activationId)
      .finally(() => (verdict.keepInstance ? pool.release(slot) : pool.remove(slot)));
    const { number } = slot;
    return {
      instance: number,
      response: verdict.response,
      waitTime,
      initTime: isCold ? duration : undefined,
      timedOut,
      logs: request.action.limits.logs === 0 ? logs.then(() => []) : logs,
    };
  }

  #pool(action: Action): Pool {
    const known = this.#pools.get(poolKey(action));
    if (known !== undefined) return known;
    const { apiHost, onLog } = this.#options;
    const { source } = action;
    const tell = (line: LogLine): void => onLog(action, line);
    const pool =
      source.kind === 'workers'
        ? new WorkerPool(action, source, (text) => tell({ time: new Date(), stream: 'stderr', text }))
        : new InstancePool(action.limits, () => startInstance(action, instanceEnvironment(action, apiHost()), tell));
    this.#pools.set(poolKey(action), pool);
    return pool;
  }

  /** Calls /init once per instance. Concurrent activations share its outcome. */
  #initialize(slot: Slot, instance: Instance, request: ActivationRequest): Promise<Initialization> {
    const known = this.#initializations.get(slot);
    if (known !== undefined) return known;
    const initialization = this.#postInit(instance, request);
    this.#initializations.set(slot, initialization);
    return initialization;
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

  async #call(instance: Instance, request: ActivationRequest, isCold: boolean): Promise<Call> {
    const { timeout } = request.action.limits;
    const reply = await this.#post(instance, '/run', runEnvelope(request, this.#options.key), request.action);
    const verdict = lostWorker(request, reply) ?? judgeRun(reply, timeout, isCold);
    return { verdict, timedOut: reply.kind === 'timeout' };
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

interface Call {
  readonly verdict: Verdict;
  readonly timedOut: boolean;
}

interface Initialization {
  /** Undefined if the instance is ready to run. */
  readonly failure: Call | undefined;
  /** Milliseconds. */
  readonly duration: number;
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

function noSlot(error: unknown): undefined {
  if (codeOf(error) !== 'NO_INSTANCE') throw error;
}

function poolKey(action: Action): string {
  return `${qualifiedName(action)}@${action.version}`;
}

/** Why there is no instance (DockerContainer.scala, `create`). */
function startFailure(error: unknown, { source }: Action): ActivationResponse {
  if (codeOf(error) === 'NO_IMAGE' && source.kind === 'image') {
    return { status: 'action developer error', result: { error: messages.imagePullError(source.image) } };
  }
  return internalError(messages.resourceProvisionError);
}

function failedOutcome(response: ActivationResponse, waitTime: number): ActivationOutcome {
  return { instance: 0, response, waitTime, initTime: undefined, timedOut: false, logs: Promise.resolve([]) };
}
