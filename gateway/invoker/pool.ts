import type { Instance } from './instance.ts';

/** An instance and the number of activations that run on it. */
export interface Slot {
  /** Counted from 1, in the order in which instances started. */
  readonly number: number;
  readonly instance: Promise<Instance>;
  running: number;
  /** The timer that pauses the instance. Set while it is idle. */
  pausing: NodeJS.Timeout | undefined;
  /** Settles when the pause is complete. Undefined if the instance is not paused. */
  paused: Promise<void> | undefined;
}

/** Assigns the activations of an action to instances. */
export interface Pool {
  /** Takes a place on an instance. Return it with `release` or `remove`. */
  acquire(): Promise<Slot>;
  release(slot: Slot): void;
  /** Removes a failed instance. */
  remove(slot: Slot): Promise<void>;
  /** Starts an instance before the first activation. */
  prewarm(): void;
  load(): PoolLoad;
  /** Takes no further activations. Running and waiting ones end normally. */
  retire(): void;
  /** Ends at once. Waiting activations are refused. */
  close(): Promise<void>;
}

/** The load of the instances of an action. */
export interface PoolLoad {
  readonly instances: number;
  readonly running: number;
  readonly waiting: number;
}
