import { setTimeout as sleep } from 'node:timers/promises';
import type { Action } from '../action.ts';
import { GatewayError } from '../errors.ts';
import { followWorkers, type WorkersSource } from '../workers/follow.ts';
import type { Instance } from './instance.ts';
import type { Pool, PoolLoad, Slot } from './pool.ts';

/** Milliseconds for which a worker that did not answer gets no calls. */
const restTime = 1000;

/**
 * The external workers of an action, whose number may change at any time. A call goes to the worker with the fewest
 * calls in progress. Calls beyond their total capacity wait in order of arrival.
 */
export class WorkerPool implements Pool {
  readonly #concurrency: number;
  readonly #timeout: number;
  /** By their URLs. */
  readonly #slots = new Map<string, WorkerSlot>();
  readonly #waiting: (() => void)[] = [];
  readonly #stopped = new AbortController();
  #known = new Set<string>();
  #retired = false;
  #count = 0;

  /** @param onProblem called with the reason why the workers cannot be found */
  constructor({ limits }: Action, source: WorkersSource, onProblem: (message: string) => void) {
    this.#concurrency = limits.concurrency;
    this.#timeout = limits.timeout;
    void followWorkers(source, this.#stopped.signal, (urls) => this.#setWorkers(urls), onProblem);
  }

  /**
   * A place on a worker. Rejects with GatewayError `NO_INSTANCE` if no place is free within the action's time limit.
   */
  async acquire(): Promise<Slot> {
    const deadline = performance.now() + this.#timeout;
    for (;;) {
      if (this.#stopped.signal.aborted) throw new GatewayError('CLOSED', 'the gateway is shutting down');
      const free = [...this.#slots.values()].filter(({ running }) => running < this.#concurrency);
      const [slot] = free.toSorted((one, other) => one.running - other.running);
      if (slot !== undefined) {
        slot.running += 1;
        return slot;
      }
      if (!(await this.#turn(deadline))) throw new GatewayError('NO_INSTANCE', 'no worker answers');
    }
  }

  release(slot: Slot): void {
    slot.running -= 1;
    this.#waiting.shift()?.();
    this.#stopIfDone();
  }

  /** A failed worker gets no calls for a while. Then it counts as a new one, because it may have been restarted. */
  async remove(slot: Slot): Promise<void> {
    const [url] = [...this.#slots].find(([, each]) => each === slot) ?? [];
    if (url !== undefined) {
      this.#slots.delete(url);
      void sleep(restTime, undefined, { ref: false, signal: this.#stopped.signal })
        .then(() => this.#setWorkers([...this.#known]))
        .catch(() => undefined);
    }
    this.release(slot);
  }

  prewarm(): void {
    // Workers run already.
  }

  load(): PoolLoad {
    const running = [...this.#slots.values()].reduce((sum, slot) => sum + slot.running, 0);
    return { instances: this.#slots.size, running, waiting: this.#waiting.length };
  }

  /** Running and waiting activations end normally. */
  retire(): void {
    this.#retired = true;
    this.#stopIfDone();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    for (const slot of this.#slots.values()) slot.leave();
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  #stopIfDone(): void {
    const { running, waiting } = this.load();
    if (this.#retired && running === 0 && waiting === 0) this.#stopped.abort();
  }

  /** Removed workers get no further calls. Their calls in progress end normally. */
  #setWorkers(urls: readonly string[]): void {
    this.#known = new Set(urls);
    for (const url of this.#slots.keys()) if (!this.#known.has(url)) this.#slots.delete(url);
    for (const url of urls) {
      if (this.#slots.has(url)) continue;
      this.#count += 1;
      this.#slots.set(url, workerSlot(this.#count, new URL(url)));
      for (let place = 0; place < this.#concurrency; place += 1) this.#waiting.shift()?.();
    }
  }

  /** Waits until there may be a place. Resolves to false at the deadline. */
  #turn(deadline: number): Promise<boolean> {
    return new Promise((resolve) => {
      const take = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        const index = this.#waiting.indexOf(take);
        if (index !== -1) this.#waiting.splice(index, 1);
        resolve(false);
      }, deadline - performance.now());
      this.#waiting.push(take);
    });
  }
}

type WorkerSlot = Slot & { readonly leave: () => void };

/** The gateway cannot read a worker's output, and cannot stop it. */
function workerSlot(number: number, url: URL): WorkerSlot {
  const gone = new AbortController();
  const instance: Instance = {
    url,
    gone: gone.signal,
    takeLogs: async () => [],
    destroy: async () => gone.abort(),
  };
  return {
    number,
    instance: Promise.resolve(instance),
    running: 0,
    pausing: undefined,
    paused: undefined,
    leave: () => gone.abort(),
  };
}
