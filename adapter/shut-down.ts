import { messageOf } from '../core/errors.ts';
import { signalName, signalNumber } from '../core/signal.ts';
import { takeSignals } from './take-signals.ts';

export interface ShutDownOptions {
  /** `StopSignal` of the base image's configuration, for example "SIGQUIT", "QUIT" or "3". */
  readonly stopSignal: string | undefined;
  /** Milliseconds that running calls have to finish. Undefined means their own time limits. */
  readonly drainTimeout: number | undefined;
  /** Refuses new calls and resolves when the running calls have ended. */
  readonly drain: () => Promise<void>;
  /** Aborts the running calls, which are then answered and logged as failed. */
  readonly cut: () => void;
}

/**
 * Exits with code 0 on SIGTERM, SIGINT and the base image's stop signal, after the running calls have ended. Further
 * signals are ignored, except SIGINT, which exits immediately.
 *
 * An app in this process gets the signal after its calls, like a server of its own. Many apps exit on it at once, which
 * would end the calls in progress.
 *
 * @returns a signal that is aborted at the first of these signals
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
      }, drainTimeout).unref();
    }
    // Keep the process alive: a call that waits for an app in this process holds no open handle.
    const alive = setInterval(() => undefined, 60_000);
    const exit = (): void => {
      if (!passOn(signal)) process.exit(0);
      // An app that only closes what is open ends by that.
      clearInterval(alive);
      setTimeout(() => process.exit(0), timeForApp).unref();
    };
    drain()
      .catch((error: unknown) => console.error(messageOf(error)))
      .finally(exit);
  };
  const passOn = takeSignals(signals(stopSignal), stop);
  return stopping.signal;
}

/** Milliseconds that an app in this process has to exit. A server of its own has the same. */
const timeForApp = 3000;

/** Milliseconds for the replies and log lines of aborted calls. */
const timeForFailures = 1000;

/** The signals that Node.js can handle. Real-time signals are not; process 1 turns them into SIGTERM. */
function signals(stopSignal: string | undefined): ReadonlySet<NodeJS.Signals> {
  const named = signalName(signalNumber(stopSignal ?? 'SIGTERM') ?? 0);
  const acceptable = named === undefined || named === 'SIGKILL' || named === 'SIGSTOP' ? [] : [named];
  return new Set<NodeJS.Signals>(['SIGTERM', 'SIGINT', ...acceptable]);
}
