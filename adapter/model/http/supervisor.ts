import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../core/errors.ts';
import { ModelServerError, operatorMessage } from '../../errors.ts';
import type { RunningServer } from './running-server.ts';

export interface RestartPolicy {
  /** Failures in a row, without an answered call in between, after which restarts stop. Default 5. */
  readonly limit: number;
  /** Pause before the second restart in a row, in milliseconds. It doubles with each further restart. Default 250. */
  readonly delay: number;
  /** Longest pause, in milliseconds. After it, a call starts a server whose restarts have stopped. Default 30,000. */
  readonly longestDelay: number;
  /** Calls in a row that run out of time before the server is checked for hanging. Default 3. */
  readonly timeouts: number;
}

export const defaultRestartPolicy: RestartPolicy = { limit: 5, delay: 250, longestDelay: 30_000, timeouts: 3 };

export interface SupervisorOptions {
  readonly start: (signal: AbortSignal) => Promise<RunningServer>;
  readonly policy: RestartPolicy;
  readonly log: (line: string) => void;
  /** Called each time that a lost server is restarted. */
  readonly onRestart?: () => void;
}

/** Keeps one model server running. */
export interface Supervisor {
  /** Resolves with the server when it is ready, also after a restart. Rejects with ModelServerError. */
  running(): Promise<RunningServer>;
  /** Reports an answered call. `well` is false if the answer was an error. */
  answered(server: RunningServer, well: boolean): void;
  /** Reports a call that ran out of time. After several, a server that no longer responds is killed and restarted. */
  timedOut(server: RunningServer): void;
  /** Reports that the server has ended. It is stopped completely and restarted. */
  lost(server: RunningServer, how: string): void;
  /** Why the server was restarted, or undefined. */
  lossOf(server: RunningServer): string | undefined;
  /** Stops the server and calls `start` again, which may use new settings. */
  replace(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the server immediately. */
export function supervise({ start, policy, log, onRestart }: SupervisorOptions): Supervisor {
  let stopping = new AbortController();
  let live: RunningServer | undefined;
  let failures = 0;
  let timeouts = 0;
  let gaveUpAt: number | undefined;
  const losses = new WeakMap<RunningServer, string>();
  let current = start(stopping.signal);
  void watch(current, stopping.signal);

  function adopt(starting: Promise<RunningServer>): Promise<RunningServer> {
    current = starting;
    gaveUpAt = undefined;
    timeouts = 0;
    void watch(starting, stopping.signal);
    return starting;
  }

  async function watch(starting: Promise<RunningServer>, signal: AbortSignal): Promise<void> {
    try {
      const server = await starting;
      if (signal.aborted) return;
      live = server;
      lost(server, await server.problem);
    } catch {
      if (!signal.aborted) gaveUpAt = Date.now();
    }
  }

  async function restart(signal: AbortSignal): Promise<RunningServer> {
    for (;;) {
      await sleep(pause(failures, policy), undefined, { signal });
      try {
        return await start(signal);
      } catch (error) {
        failures += 1;
        if (signal.aborted || failures >= policy.limit) throw crashLoop(failures, messageOf(error), outputOf(error));
        log(`model server failed to start (${failures} of ${policy.limit}): ${operatorMessage(error)}`);
      }
    }
  }

  function lost(server: RunningServer, how: string): void {
    if (server !== live) return;
    live = undefined;
    losses.set(server, how);
    failures += 1;
    const { signal } = stopping;
    const output = server.lastOutput();
    log(
      `model server ${how}; ${failures < policy.limit ? 'restarting it' : 'giving up'} (${failures} of ${policy.limit})`,
    );
    const recover = async (): Promise<RunningServer> => {
      await server.stop();
      if (failures >= policy.limit) throw crashLoop(failures, `the model server ${how}`, output);
      onRestart?.();
      return restart(signal);
    };
    void adopt(recover());
  }

  async function checkResponds(server: RunningServer): Promise<void> {
    if (await server.responds()) return;
    lost(
      server,
      `hangs: ${policy.timeouts} calls in a row ran out of time, and it does not respond, or has lost a process`,
    );
  }

  async function halt(): Promise<void> {
    stopping.abort();
    live = undefined;
    try {
      await (await current).stop();
    } catch {
      // It was not running.
    }
  }

  return {
    async running() {
      for (;;) {
        const pausedFor = gaveUpAt === undefined ? 0 : Date.now() - gaveUpAt;
        if (gaveUpAt !== undefined && pausedFor >= policy.longestDelay) void adopt(restart(stopping.signal));
        const attempt = current;
        try {
          return await attempt;
        } catch (error) {
          // If it was replaced meanwhile, wait for the new one.
          if (attempt === current) throw error;
        }
      }
    },
    answered(server, well) {
      timeouts = 0;
      server.answered();
      if (!well) return;
      server.health.callSucceeded();
      failures = 0;
    },
    timedOut(server) {
      server.health.callFailed();
      timeouts += 1;
      if (timeouts < policy.timeouts || server !== live) return;
      timeouts = 0;
      void checkResponds(server);
    },
    lost,
    lossOf: (server) => losses.get(server),
    async replace() {
      const halted = halt();
      stopping = new AbortController();
      failures = 0;
      const { signal } = stopping;
      const startAnew = async (): Promise<RunningServer> => {
        await halted;
        return start(signal);
      };
      await adopt(startAnew());
    },
    async close() {
      const halted = halt();
      current = Promise.reject(new ModelServerError('MODEL_UNREACHABLE', 'the model server was stopped'));
      current.catch(() => undefined);
      await halted;
    },
  };
}

function pause(failures: number, { delay, longestDelay }: RestartPolicy): number {
  return failures < 2 ? 0 : Math.min(delay * 2 ** (failures - 2), longestDelay);
}

function crashLoop(failures: number, last: string, output: string | undefined): ModelServerError {
  const message = `the model server failed ${failures} times in a row; the last time: ${last}`;
  return new ModelServerError('MODEL_CRASHED', message, {
    hint: 'It is started again by a call after a pause; its output in the log says why it fails',
    output,
  });
}

function outputOf(error: unknown): string | undefined {
  return error instanceof ModelServerError ? error.output : undefined;
}
