import type { ActionLimits } from '../action.ts';
import { GatewayError } from '../errors.ts';
import type { Instance } from './instance.ts';

/** An instance and the activations it works on. */
export interface Slot {
  readonly instance: Promise<Instance>;
  running: number;
}

/** The instances of one action. Activations beyond what they can take wait, first come, first served. */
export class InstancePool {
  readonly #slots = new Set<Slot>();
  readonly #waiting: (() => void)[] = [];
  readonly #limits: ActionLimits;
  readonly #start: () => Promise<Instance>;
  #closed = false;

  constructor(limits: ActionLimits, start: () => Promise<Instance>) {
    this.#limits = limits;
    this.#start = start;
  }

  /** A place on an instance, a new instance where there is room for one. To be given back by `release` or `remove`. */
  async acquire(): Promise<Slot> {
    for (;;) {
      if (this.#closed) throw new GatewayError('CLOSED', 'the gateway is shutting down');
      const free = [...this.#slots].find(({ running }) => running < this.#limits.concurrency);
      const slot = free ?? (this.#slots.size < this.#limits.instances ? this.#add() : undefined);
      if (slot !== undefined) {
        slot.running += 1;
        return slot;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Starts an instance where none runs. One that cannot be started is told of by the first activation. */
  prewarm(): void {
    if (this.#slots.size === 0 && !this.#closed) this.#add();
  }

  release(slot: Slot): void {
    slot.running -= 1;
    this.#waiting.shift()?.();
  }

  /** Takes an instance out of service and destroys it, whatever else runs on it. */
  async remove(slot: Slot): Promise<void> {
    this.#slots.delete(slot);
    await slot.instance.then((instance) => instance.destroy()).catch(() => undefined);
    this.release(slot);
  }

  /** Destroys all instances; activations that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#slots].map((slot) => this.remove(slot)));
  }

  #add(): Slot {
    const slot: Slot = { instance: this.#start(), running: 0 };
    this.#slots.add(slot);
    slot.instance.then(
      (instance) => instance.gone.addEventListener('abort', () => this.#slots.delete(slot), { once: true }),
      () => this.#slots.delete(slot),
    );
    return slot;
  }
}
