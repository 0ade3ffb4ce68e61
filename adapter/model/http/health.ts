import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServerRow } from '../../../core/row.ts';
import type { Probe } from './probe.ts';

/** Checks whether a running server still works. */
export interface HealthWatch {
  /** Resolves with the problem, for example "is unhealthy: GET /ping answered 503". Never rejects. */
  readonly unhealthy: Promise<string>;
  /** Reports a failed call, which starts a check, at most one per `pause`. */
  callFailed(): void;
  /** Reports an answered call, which resets the count of failed checks. */
  callSucceeded(): void;
  stop(): void;
}

export interface HealthOptions {
  readonly row: HttpServerRow;
  readonly probe: Probe;
  /** Milliseconds between two checks. Default 1000. */
  readonly pause?: number;
}

/**
 * Checks a server's health by its row's `ready` check: after failed calls, and every `healthPeriod` seconds if the row
 * has it. The server is unhealthy after one answer with a value that the row names as a failure, or after ten answers
 * in a row that it is not ready, without an answered call in between. A server that does not answer may be busy;
 * supervisor.ts counts the calls that run out of time.
 */
export function watchHealth({ row, probe, pause = 1000 }: HealthOptions): HealthWatch {
  const stopped = new AbortController();
  let report: ((what: string) => void) | undefined;
  const unhealthy = new Promise<string>((resolve) => (report = resolve));
  let looking = false;
  let complaints = 0;

  const look = async (): Promise<void> => {
    if (looking || row.ready.kind === 'port' || stopped.signal.aborted) return;
    looking = true;
    do {
      const result = await probe(probeTimeout);
      // If the row names failures, other values are not failures, for example cog's BUSY.
      const complains = result.state === 'waiting' && !('failed' in row.ready && row.ready.failed !== undefined);
      complaints = complains ? complaints + 1 : 0;
      if (result.state === 'failed' || (complains && complaints >= patience))
        report?.(`is unhealthy: ${result.reason}`);
      await sleep(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    } while (complaints > 0 && !stopped.signal.aborted);
    looking = false;
  };
  const timer =
    row.healthPeriod === undefined ? undefined : setInterval(() => void look(), row.healthPeriod * 1000).unref();

  return {
    unhealthy,
    callFailed: () => void look(),
    callSucceeded: () => {
      complaints = 0;
    },
    stop: () => {
      clearInterval(timer);
      stopped.abort();
    },
  };
}

const probeTimeout = 5000;
/** Checks in a row. Gives servers such as TorchServe and Ray the time to replace a worker that ended. */
const patience = 10;
