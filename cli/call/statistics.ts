import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { isNotReady } from './controller-reply.ts';
import type { CallResult } from './send.ts';

/** Statistics of many calls. Times are in milliseconds, of calls with a status below 400. */
export interface Summary {
  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  /** The number of calls for each status of 400 and above, and for each code of a connection error. */
  readonly failures: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly callsPerSecond: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  /** Calls that started a container. Undefined if the activation records could not be read. */
  readonly coldStarts: number | undefined;
}

/** Counts calls as they end. */
export class Statistics {
  readonly #began = performance.now();
  readonly #failures = new Map<string, number>();
  // In microseconds, because it accepts only integers.
  readonly #times: RecordableHistogram = createHistogram();
  #succeeded = 0;

  add(result: CallResult): void {
    if (isSuccess(result)) {
      this.#succeeded += 1;
      this.#times.record(Math.max(1, Math.round(result.milliseconds * 1000)));
      return;
    }
    const reason = result.kind === 'reply' ? String(result.status) : result.code;
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
  }

  /** Seconds since the first call. */
  elapsed(): number {
    return (performance.now() - this.#began) / 1000;
  }

  summary(seconds: number, coldStarts: number | undefined): Summary {
    const failed = [...this.#failures.values()].reduce((sum, count) => sum + count, 0);
    const calls = this.#succeeded + failed;
    return {
      calls,
      succeeded: this.#succeeded,
      failed,
      failures: Object.fromEntries(this.#failures),
      seconds: rounded(seconds),
      callsPerSecond: rounded(calls / seconds),
      p50: this.#percentile(50),
      p95: this.#percentile(95),
      p99: this.#percentile(99),
      coldStarts,
    };
  }

  #percentile(percent: number): number | undefined {
    return this.#succeeded === 0 ? undefined : rounded(this.#times.percentile(percent) / 1000);
  }
}

/** Whether a call was answered with a status below 400. */
export function isSuccess(result: CallResult): boolean {
  return result.kind === 'reply' && result.status < 400 && !isNotReady(result);
}

/** The summary as text, in two lines. */
export function summaryText(summary: Summary): string {
  const { calls, seconds, callsPerSecond, failed, failures, p50, p95, p99, coldStarts } = summary;
  const reasons = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
  const counts = [
    `${calls} ${calls === 1 ? 'call' : 'calls'} in ${seconds} s, ${callsPerSecond} calls/s`,
    failed === 0 ? 'none failed' : `${failed} failed (${reasons.join(', ')})`,
    ...(coldStarts === undefined ? [] : [`${coldStarts} cold ${coldStarts === 1 ? 'start' : 'starts'}`]),
  ];
  const times = p50 === undefined ? [] : [`p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`];
  return [counts.join(', '), ...times].map((line) => `${line}\n`).join('');
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
