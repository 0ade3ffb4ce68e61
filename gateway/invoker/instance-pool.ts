import type { ActionLimits } from '../action.ts';
import { GatewayError } from '../errors.ts';
import type { Instance } from './instance.ts';
import type { Pool, PoolLoad, Slot } from './pool.ts';

/** Milliseconds after which an idle instance is paused. OpenWhisk's own default is 50 ms (pause-grace). */
const pauseGrace = 10_000;

/** The instances of one action. Activations beyond their capacity wait in order of arrival. */
export class InstancePool implements Pool {
  readonly #slots = new Set<Slot>();
  readonly #waiting: (() => void)[] = [];
  /** Instances that are being destroyed. */
  readonly #endings = new Set<Promise<void>>();
  readonly #limits: ActionLimits;
  readonly #start: () => Promise<Instance>;
  #closed = false;
  #retired = false;
  #started = 0;

  constructor(limits: ActionLimits, start: () => Promise<Instance>) {
    this.#limits = limits;
    this.#start = start;
  }

  /** Takes a place on an instance, starting one if the limit allows. Return it with `release` or `remove`. */
  async acquire(): Promise<Slot> {
    for (;;) {
      if (this.#closed) throw new GatewayError('CLOSED', 'the gateway is shutting down');
      const free = [...this.#slots].find(({ running }) => running < this.#limits.concurrency);
      const slot = free ?? (this.#slots.size < this.#limits.instances ? this.#add() : undefined);
      if (slot !== undefined) {
        slot.running += 1;
        await wake(slot);
        return slot;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Starts an instance if none runs. If it cannot start, the first activation reports the error. */
  prewarm(): void {
    if (this.#slots.size === 0 && !this.#closed) this.#add();
  }

  release(slot: Slot): void {
    slot.running -= 1;
    if (this.#retired && this.#waiting.length === 0) this.#removeIdle();
    else if (slot.running === 0 && this.#slots.has(slot))
      slot.pausing = setTimeout(() => pause(slot), pauseGrace).unref();
    this.#waiting.shift()?.();
  }

  load(): PoolLoad {
    const running = [...this.#slots].reduce((sum, slot) => sum + slot.running, 0);
    return { instances: this.#slots.size, running, waiting: this.#waiting.length };
  }

  /** Removes an instance and destroys it, even if other activations run on it. */
  async remove(slot: Slot): Promise<void> {
    await this.#destroy(slot);
    this.release(slot);
  }

  /** Destroys each instance once it is idle. Running and waiting activations end normally. */
  retire(): void {
    this.#retired = true;
    this.#removeIdle();
  }

  /** Destroys all instances, and waits until the last one is gone. Waiting activations are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const goOn of this.#waiting.splice(0)) goOn();
    await Promise.all([...this.#slots].map((slot) => this.remove(slot)));
    await Promise.all(this.#endings);
  }

  #removeIdle(): void {
    for (const slot of this.#slots) if (slot.running === 0) void this.#destroy(slot);
  }

  async #destroy(slot: Slot): Promise<void> {
    this.#slots.delete(slot);
    clearTimeout(slot.pausing);
    const ending = slot.instance.then((instance) => instance.destroy()).catch(() => undefined);
    this.#endings.add(ending);
    await ending;
    this.#endings.delete(ending);
  }

  #add(): Slot {
    this.#started += 1;
    const slot: Slot = {
      number: this.#started,
      instance: this.#start(),
      running: 0,
      pausing: undefined,
      paused: undefined,
    };
    this.#slots.add(slot);
    slot.instance.then(
      (instance) => instance.gone.addEventListener('abort', () => this.#slots.delete(slot), { once: true }),
      () => this.#slots.delete(slot),
    );
    return slot;
  }
}

function pause(slot: Slot): void {
  slot.paused = slot.instance.then(async (instance) => instance.pause?.()).catch(() => undefined);
}

/** Errors are ignored: if the instance cannot resume, the call on it will fail. */
async function wake(slot: Slot): Promise<void> {
  clearTimeout(slot.pausing);
  if (slot.paused === undefined) return;
  const { paused } = slot;
  slot.paused = undefined;
  await paused;
  await slot.instance.then(async (instance) => instance.resume?.()).catch(() => undefined);
}
