import { setTimeout as sleep } from 'node:timers/promises';

/** A process with all its descendants, which are found by `findProcesses`. */
export interface Family {
  /** Number of the process, and of its group. */
  readonly pid: number;
  /** "NAME=VALUE" in the environment of the descendants. */
  readonly mark: string;
  /** Resolves when the process ends. */
  readonly exited: Promise<unknown>;
  /** Number of the signal that stops a process. */
  readonly signal: number;
}

/**
 * Sends each process of a family the signal, and after `grace` milliseconds SIGKILL to those that still run. Resolves
 * when all have ended, or 5 s after SIGKILL.
 */
export async function stopFamily({ pid, mark, exited, signal: stopSignal }: Family, grace: number): Promise<void> {
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

/** Sends a signal to a process group. A group that has ended, or belongs to another user, is ignored. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalProcess(-pid, signal);
}

function signalProcess(pid: number, signal: number | NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or belongs to another user.
  }
}

/** Milliseconds to wait after SIGKILL. A process in uninterruptible sleep does not end. */
const killPatience = 5000;
