import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ChildExit } from './child.ts';
import type { Probe } from './probe.ts';
import { describeExit } from './server-exit.ts';

export interface Starting {
  readonly child: Child;
  /** Resolves with the problem, to follow "the model server" in a message, if it will not become ready. */
  readonly failing: Promise<string>;
  /** Aborted when the server is no longer wanted. */
  readonly signal: AbortSignal;
}

/**
 * Polls until the server is ready. Resolves with the loopback address that answers. The pause between two checks is
 * 10 % of the time waited so far, between 5 and 250 ms. Rejects with Error if the process ends, the server fails, or the
 * time is up.
 *
 * @param startTimeout milliseconds
 */
export async function untilReady(
  probe: Probe,
  startTimeout: number,
  { child, failing, signal }: Starting,
): Promise<string> {
  const started = Date.now();
  const deadline = started + startTimeout;
  let ended: ChildExit | undefined;
  let problem: string | undefined;
  const wakeUp = new AbortController();
  const noticeExit = async (): Promise<void> => {
    ended = await child.exited;
    wakeUp.abort();
  };
  void noticeExit();
  const noticeFailure = async (): Promise<void> => {
    problem = await failing;
    wakeUp.abort();
  };
  void noticeFailure();
  signal.addEventListener('abort', () => wakeUp.abort(), { once: true });
  for (;;) {
    const left = deadline - Date.now();
    const result = await probe(Math.min(probeTimeout, Math.max(left, longestPause)));
    if (signal.aborted) throw new Error('the model server was stopped before it was ready');
    if (ended !== undefined) {
      await child.drained;
      throw new Error(`the model server ${describeExit(ended)} before it was ready`);
    }
    if (result.state === 'ready') return result.host;
    if (problem !== undefined) throw new Error(`the model server ${problem}`);
    if (result.state === 'failed') throw new Error(`the model server says that it failed: ${result.reason}`);
    if (left <= 0) throw new Error(`the model server was not ready within ${startTimeout} ms: ${result.reason}`);
    const pause = Math.min(Math.max((Date.now() - started) / 10, shortestPause), longestPause, left);
    await sleep(pause, undefined, { signal: wakeUp.signal }).catch(() => undefined);
  }
}

/** Milliseconds for one check. */
const probeTimeout = 5000;
/** Milliseconds between two checks. */
const shortestPause = 5;
const longestPause = 250;
