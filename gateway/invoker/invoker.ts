import { qualifiedName, type Action } from '../action.ts';
import { messages } from '../errors.ts';
import type { ActivationOutcome, ActivationRequest, ActivationResponse } from './activation.ts';
import { codeOf } from '../../core/errors.ts';
import { instanceEnvironment } from './envelope.ts';
import { InstanceCalls, type InstanceCallsOptions } from './instance-calls.ts';
import { InstancePool } from './instance-pool.ts';
import { startInstance } from './start-instance.ts';
import type { LogLine } from './logs.ts';
import type { Pool, PoolLoad } from './pool.ts';
import { internalError } from './result.ts';
import { WorkerPool } from './worker-pool.ts';

export interface InvokerOptions extends InstanceCallsOptions {
  /** URL under which instances reach the gateway, `__OW_API_HOST`. */
  readonly apiHost: () => string;
  readonly onLog: (action: Action, line: LogLine) => void;
}

/** Runs activations on instances, by the rules of OpenWhisk's invoker (Container.scala, ContainerProxy.scala). */
export class Invoker {
  readonly #options: InvokerOptions;
  /** By name and version, because a changed action gets new instances. */
  readonly #pools = new Map<string, Pool>();
  /** Of actions that were changed or deleted: their last activations may still run. */
  readonly #retired: Pool[] = [];
  readonly #calls: InstanceCalls;

  constructor(options: InvokerOptions) {
    this.#options = options;
    this.#calls = new InstanceCalls(options);
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
    const isCold = !this.#calls.hasInitialized(slot);
    const { failure, duration } = await this.#calls.initialize(slot, instance, request);
    const { verdict, timedOut } = failure ?? (await this.#calls.run(instance, request, isCold));
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
