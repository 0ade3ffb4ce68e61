import type { HttpServerRow } from '../../../core/row.ts';
import { messageOf } from '../../../core/errors.ts';
import { ModelServerError } from '../../errors.ts';
import { startChild } from './child.ts';
import type { Client } from './client.ts';
import type { ForwardLine } from './forward-output.ts';
import type { HealthOptions, HealthWatch } from './health.ts';
import { createTail } from './output.ts';
import type { LostWorkers } from './lost-workers.ts';
import { isPortTaken } from './port.ts';
import { type ServerExit, whenLost } from './server-exit.ts';
import { untilReady } from './until-ready.ts';
import type { WaitingCommand } from './waiting-command.ts';
import { watchWorkerCrashes } from './worker-crashes.ts';

export interface StartOptions {
  readonly row: HttpServerRow;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Milliseconds the server may take to become ready. */
  readonly startTimeout: number;
  /** Number of the signal that stops it. */
  readonly stopSignal: number;
  /** Milliseconds between the stop signal and SIGKILL. */
  readonly stopGrace: number;
  /** Longest body that is read as a whole if necessary, in bytes. */
  readonly maximumBody: number;
  readonly health?: Pick<HealthOptions, 'pause'>;
  readonly log: (line: string) => void;
  /** Takes each line of the model server. */
  readonly forward: ForwardLine;
  /** Called when the process has started. */
  readonly onLaunch: () => void;
}

/** A model server that has become ready. */
export interface RunningServer {
  readonly client: Client;
  /** Resolves when the process ends by itself. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Resolves with what is wrong, to follow "the model server" in a message, if it must be restarted. Never rejects. */
  readonly problem: Promise<string>;
  /** Its health check. */
  readonly health: HealthWatch;
  /** Reports a call. The result reports its end. */
  callBegan(): () => void;
  /** Reports an answer of any status. */
  answered(): void;
  /** Whether it still responds, and has all its processes. */
  responds(): Promise<boolean>;
  /** The last lines of its output, or "". */
  lastOutput(): string;
  stop(): Promise<void>;
}

/**
 * Starts the model server's process and waits until it is ready.
 *
 * Rejects with ModelServerError `MODEL_START` and the process's last output if the process ends first or only waits
 * for ever, if its workers end again and again, if `startTimeout` passes, if its port is taken, or if `signal` is
 * aborted. The process is stopped then.
 */
export async function startServer(options: StartOptions, signal: AbortSignal): Promise<RunningServer> {
  const { row, argv, environment, directory, stopSignal, log } = options;
  if (await isPortTaken(row.port)) {
    throw new ModelServerError('MODEL_START', `port ${row.port} of the model server is in use by another process`, {
      hint: "Stop that process, or move the model server with its own flag or variable in the model's row",
    });
  }
  const tail = createTail();
  const lastOutput = (): string => tail.toString();
  let workers: LostWorkers | undefined;
  let waiting: WaitingCommand | undefined;
  const crashes = watchWorkerCrashes(async () => child.commands());
  const onLine: ForwardLine = (line, stream) => {
    tail.push(line);
    crashes.take(line);
    workers?.take(line);
    return options.forward(line, stream);
  };
  const child = await startChild({ argv, environment, directory, stopSignal, background: row.background, onLine });
  const started = performance.now();
  options.onLaunch();

  try {
    // Load these while the model server starts.
    const { createClient } = await import('./client.ts');
    const { watchHealth } = await import('./health.ts');
    const { watchLostWorkers } = await import('./lost-workers.ts');
    const { createLivenessProbe, createProbe } = await import('./probe.ts');
    const { watchWaitingCommand } = await import('./waiting-command.ts');
    if (child.init !== undefined) waiting = watchWaitingCommand(child.init);
    const failing = Promise.race([crashes.failing, ...(waiting === undefined ? [] : [waiting.failing])]);
    const host = await untilReady(createProbe(row), options.startTimeout, { child, failing, signal });
    waiting?.stop();
    const client = createClient({ host, port: row.port, maximumBody: options.maximumBody });
    log(`model server ready after ${Math.round(performance.now() - started)} ms (process ${child.pid})`);
    const liveness = createLivenessProbe(row);
    const health = watchHealth({ row, probe: createProbe(row), ...options.health });
    const exited = whenLost(child);
    const lost = watchLostWorkers({ host, port: row.port, liveness, processes: async () => child.commands() });
    workers = lost;
    const ended = exited.then(({ what }) => what);
    return {
      client,
      exited,
      problem: Promise.race([ended, health.unhealthy, crashes.failing, lost.ending]),
      lastOutput,
      health,
      callBegan: () => lost.callBegan(),
      answered: () => crashes.stop(),
      responds: async () =>
        !['silent', 'failed'].includes((await liveness(probeTimeout)).state) && !(await lost.hasLost()),
      stop: async () => {
        health.stop();
        crashes.stop();
        lost.stop();
        client.close();
        await child.stop(options.stopGrace);
      },
    };
  } catch (error) {
    crashes.stop();
    waiting?.stop();
    await child.stop(options.stopGrace);
    throw new ModelServerError('MODEL_START', messageOf(error), {
      output: lastOutput(),
      hint: row.background
        ? 'Its own output, in the log, says why'
        : 'Its own output, in the log, says why; a server that puts itself in the background needs "background": true in its row',
    });
  }
}

/** Milliseconds for one check of a server that is ready. */
const probeTimeout = 5000;
