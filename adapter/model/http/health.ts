import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServerRow } from '../../../core/row.ts';
import type { Probe } from './probe.ts';

/** Tells whether a server that runs still can do its work. */
export interface HealthWatch {
  /** Resolves with what is wrong, "is unhealthy: GET /ping answered 503", once something is. Never rejects. */
  readonly unhealthy: Promise<string>;
  /** A call failed, which may be the server's fault: it is asked, at most once a second. */
  callFailed(): void;
  /** A call was answered, so what it said of itself before no longer counts. */
  callSucceeded(): void;
  stop(): void;
}

export interface HealthOptions {
  readonly row: HttpServerRow;
  readonly probe: Probe;
  /** Milliseconds between two looks. Default 1000. */
  readonly pause?: number;
}

/**
 * Asks a server by its row's `ready` check: after calls that failed, and every `healthPeriod` seconds where the row has
 * one. It is unhealthy at once where it answers with a value that the row names as a failure; where it answers in any
 * other way that it is not ready, once it has done so ten times in a row, without a call that was answered between.
 * One that does not answer may be busy: calls that run out of time tell about it (see supervisor.ts).
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
      // A row that names the failures says by it that other values are none, as cog's BUSY.
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
/** Servers that replace a worker that died, as TorchServe and Ray do, are given the time for it. */
const patience = 10;
