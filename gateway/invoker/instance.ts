/** A container as far as the invoker knows it: where it listens and how to be rid of it. */
export interface Instance {
  readonly url: URL;
  /** Aborted once the instance is gone. */
  readonly gone: AbortSignal;
  /** Stops the instance's processes for as long as it is idle; where left out, it cannot be paused. */
  readonly pause?: () => Promise<void>;
  readonly resume?: () => Promise<void>;
  /** The lines written for the activation that has just ended. */
  takeLogs(): Promise<readonly string[]>;
  /** Kills the instance, without warning as the invoker does, and waits until it is gone. */
  destroy(): Promise<void>;
}
