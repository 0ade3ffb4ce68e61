import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelServerError } from '../../errors.ts';
import type { ForwardLine } from './forward-output.ts';
import { init, whenRunning } from './init.ts';
import { createLineSplitter } from './output.ts';
import { signalGroup, stopFamily } from './stop-family.ts';

export interface ChildOptions {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly directory: string;
  /** Number of the signal that stops it. */
  readonly stopSignal: number;
  /** Whether the server continues in the background when the process exits with code 0. */
  readonly background: boolean;
  /** Receives every line that the process and its children write. */
  readonly onLine: ForwardLine;
}

/** A process with all its descendants. */
export interface Child {
  readonly pid: number;
  /** Process number of the init program, to which orphans come. Undefined without it. */
  readonly init: number | undefined;
  /**
   * Resolves when the process ends. A server in the background ends when its last process ends; without the init
   * program this stays pending. Never rejects.
   */
  readonly exited: Promise<ChildExit>;
  /** Resolves when `onLine` has received the last output of a process that ended. Never rejects. */
  readonly drained: Promise<void>;
  /** The process and its descendants that run, see findCommands. */
  commands(): Promise<Map<number, string>>;
  /** Stops the process and its descendants with the stop signal, and after `grace` milliseconds with SIGKILL. */
  stop(grace: number): Promise<void>;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const markName = 'MODELWHISK_CHILD';

/**
 * Starts a process without a shell, in its own process group. Rejects with ModelServerError `MODEL_START` if it cannot
 * be started.
 *
 * On Linux, a small init program starts it (image/layers/init/init.c). That reaps orphans, and stops all descendants if
 * the adapter is killed. `stop` finds the descendants by their process group and by a variable in their environment,
 * because a daemon leaves the group.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { argv, environment, directory, background, onLine } = options;
  const mark = String(process.hrtime.bigint());
  const [file = '', ...args] = init === undefined ? argv : init.commandLine(argv, background);
  const child = spawn(file, args, {
    cwd: directory,
    env: { ...environment, [markName]: mark },
    stdio: ['ignore', 'pipe', 'pipe', ...(init === undefined ? [] : (['pipe'] as const))],
    detached: true,
  });
  forwardLines(child, onLine);
  const exited = whenExited(child);
  const drained = whenDrained(child, exited);
  try {
    await whenRunning(child);
  } catch (error) {
    throw new ModelServerError('MODEL_START', `cannot start ${JSON.stringify(argv)} in ${directory}`, {
      hint: 'The command must be in the image and executable; see the entrypoint and command of the base image',
      cause: error,
    });
  }

  const pid = child.pid ?? 0;
  const killAtExit = (): void => signalGroup(pid, 'SIGKILL');
  process.once('exit', killAtExit);
  let stopped: Promise<void> | undefined;
  const variable = `${markName}=${mark}`;
  const stop = async (grace: number): Promise<void> => {
    await stopFamily({ pid, mark: variable, exited, signal: options.stopSignal }, grace);
    process.off('exit', killAtExit);
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  return {
    pid,
    init: init === undefined ? undefined : pid,
    exited: background && init === undefined ? whenFailed(exited) : exited,
    drained,
    commands: async () => (await import('./processes.ts')).findCommands(pid, variable),
    stop: (grace) => (stopped ??= stop(grace)),
  };
}

function whenExited(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Ignores an exit with code 0, after which a server continues in the background. */
async function whenFailed(exited: Promise<ChildExit>): Promise<ChildExit> {
  const exit = await exited;
  return exit.code === 0 ? new Promise(() => undefined) : exit;
}

/** Reads no more of a pipe while the reader of the log is behind: the process then waits, instead of the lines here. */
function forwardLines(child: ChildProcess, onLine: ForwardLine): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    const lines = createLineSplitter((line) => {
      const behind = onLine(line, name);
      if (behind === undefined || stream?.isPaused() === true) return;
      stream?.pause();
      void behind.then(() => stream?.resume());
    });
    stream?.on('data', (bytes: Buffer) => lines.write(bytes));
    stream?.on('close', () => lines.end());
  }
}

/** Waits for the end of the pipes, at most 100 ms after the exit, because a descendant may hold them open. */
async function whenDrained(child: ChildProcess, exited: Promise<ChildExit>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  await exited;
  await Promise.race([closed, sleep(100)]);
}
