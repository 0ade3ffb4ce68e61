import { messageOf } from '../core/errors.ts';
import { signalName, signalNumber } from '../core/signal.ts';

export interface ShutDownOptions {
  /** `StopSignal` of the base image's configuration, by which a container is stopped: "SIGQUIT", "QUIT" or "3". */
  readonly stopSignal: string | undefined;
  /** Milliseconds that the calls in progress get; undefined: as long as each of them may take anyway. */
  readonly drainTimeout: number | undefined;
  /** Takes no new calls, and resolves once those in progress have ended. */
  readonly drain: () => Promise<void>;
  /** Gives up the calls in progress, which are then answered and logged as failed. */
  readonly cut: () => void;
}

/**
 * Ends the process with code 0 on SIGTERM, SIGINT and the base image's own signal, once the calls in progress have
 * ended. What comes after the first signal changes nothing, but for a second SIGINT, by which a person says "now".
 *
 * @returns a signal that is aborted by the first of them
 */
export function shutDownOnSignal({ stopSignal, drainTimeout, drain, cut }: ShutDownOptions): AbortSignal {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted && signal === 'SIGINT') process.exit(0);
    if (stopping.signal.aborted) return;
    stopping.abort();
    console.log(`modelwhisk: ${signal}: no new calls are taken; those in progress are finished`);
    if (drainTimeout !== undefined) {
      setTimeout(() => {
        cut();
        setTimeout(() => process.exit(0), timeForFailures);
      }, drainTimeout);
    }
    // A call that waits in this process for an app keeps nothing open that Node.js would wait for.
    setInterval(() => undefined, 60_000);
    drain()
      .catch((error: unknown) => console.error(messageOf(error)))
      .finally(() => process.exit(0));
  };
  for (const signal of signals(stopSignal)) process.on(signal, stop);
  return stopping.signal;
}

/** Milliseconds in which the failures of calls that were cut reach their callers and the log. */
const timeForFailures = 1000;

/** What Node.js can act on; real-time signals are not among that: process 1 turns them into SIGTERM. */
function signals(stopSignal: string | undefined): ReadonlySet<NodeJS.Signals> {
  const named = signalName(signalNumber(stopSignal ?? 'SIGTERM') ?? 0);
  const acceptable = named === undefined || named === 'SIGKILL' || named === 'SIGSTOP' ? [] : [named];
  return new Set<NodeJS.Signals>(['SIGTERM', 'SIGINT', ...acceptable]);
}
