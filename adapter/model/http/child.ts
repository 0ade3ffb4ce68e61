import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelServerError } from '../../errors.ts';
import { init, whenRunning } from './init.ts';
import { createLineSplitter } from './output.ts';

export interface ChildOptions {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly directory: string;
  /** Number of the signal that asks it to end. */
  readonly stopSignal: number;
  /** Whether a process that ends with code 0 has gone on in the background. */
  readonly background: boolean;
  /** Told every line the process and its children write. */
  readonly onLine: (line: string) => void;
}

/** A started process together with every process it starts. */
export interface Child {
  readonly pid: number;
  /**
   * How the process ended. One that went on in the background has ended once all that it started has; where no init
   * tells of that, this stays pending. Never rejects.
   */
  readonly exited: Promise<ChildExit>;
  /** Resolves once the last output of a process that ended has been given to `onLine`. Never rejects. */
  readonly drained: Promise<void>;
  /** Ends the process and all it started: the stop signal, and SIGKILL for what is left after `grace` milliseconds. */
  stop(grace: number): Promise<void>;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const markName = 'MODELWHISK_CHILD';

/** A process in an uninterruptible wait outlives even SIGKILL; it is not waited for longer than this. */
const killPatience = 5000;

/**
 * Starts a process, without a shell, in a process group of its own. Rejects with ModelServerError `MODEL_START` when
 * it cannot be started at all.
 *
 * On Linux a tiny program stands between (image/layers/init/init.c): it reaps the orphans of what it started, and ends
 * all of it when the adapter is killed. When the time comes to stop, every descendant is found by its group, or, for
 * one that left the group, by a variable set in its environment.
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
  const stop = async (grace: number): Promise<void> => {
    await stopFamily({ pid, mark: `${markName}=${mark}`, exited, signal: options.stopSignal }, grace);
    process.off('exit', killAtExit);
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  return {
    pid,
    exited: background && init === undefined ? whenFailed(exited) : exited,
    drained,
    stop: (grace) => (stopped ??= stop(grace)),
  };
}

function whenExited(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** A process that puts its server in the background ends with code 0 while the server goes on. */
async function whenFailed(exited: Promise<ChildExit>): Promise<ChildExit> {
  const exit = await exited;
  return exit.code === 0 ? new Promise(() => undefined) : exit;
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createLineSplitter(onLine);
    stream?.on('data', (bytes: Buffer) => lines.write(bytes));
    stream?.on('close', () => lines.end());
  }
}

/** The end of the pipes, though not waited for long: a grandchild may hold them open for ever. */
async function whenDrained(child: ChildProcess, exited: Promise<ChildExit>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  await exited;
  await Promise.race([closed, sleep(100)]);
}

interface Family {
  readonly pid: number;
  readonly mark: string;
  readonly exited: Promise<unknown>;
  /** Asks a process to end. */
  readonly signal: number;
}

async function stopFamily({ pid, mark, exited, signal: stopSignal }: Family, grace: number): Promise<void> {
  const { findProcesses } = await import('./processes.ts');
  let ended = false;
  void exited.then(() => (ended = true));
  const gone = await signalUntilGone(stopSignal, grace);
  if (!gone) await signalUntilGone('SIGKILL', killPatience);
  signalGroup(pid, 'SIGKILL');

  async function signalUntilGone(signal: number | NodeJS.Signals, duration: number): Promise<boolean> {
    const deadline = Date.now() + duration;
    const signalled = new Set<number>();
    for (;;) {
      const family = new Set(await findProcesses(pid, mark));
      if (!ended) family.add(pid);
      if (family.size === 0) return true;
      if (Date.now() >= deadline) return false;
      for (const member of family) {
        if (!signalled.has(member)) signalProcess(member, signal);
        signalled.add(member);
      }
      await sleep(10);
    }
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalProcess(-pid, signal);
}

function signalProcess(pid: number, signal: number | NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone, or not ours to signal.
  }
}
