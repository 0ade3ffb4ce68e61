/** A running container or process, as the invoker uses it. */
export interface Instance {
  readonly url: URL;
  /** Aborted when the instance has ended. */
  readonly gone: AbortSignal;
  /** Freezes the instance's processes while it is idle. Missing if the instance cannot be paused. */
  readonly pause?: () => Promise<void>;
  readonly resume?: () => Promise<void>;
  /** The log lines of the activation that has just ended. */
  takeLogs(activationId: string): Promise<readonly string[]>;
  /** Kills the instance and waits until it has ended. */
  destroy(): Promise<void>;
}
