import { setTimeout as sleep } from 'node:timers/promises';
import { ModelServerError } from '../../errors.ts';
import type { Child, ChildExit } from './child.ts';

/** How a model server's process ended by itself. */
export interface ServerExit {
  /** "was killed by SIGKILL" */
  readonly what: string;
  /** Whether it was a signal that a process is sent by others, rather than a fault or a decision of its own. */
  readonly byOthers: boolean;
}

interface Exiting {
  readonly exited: Promise<ServerExit>;
}

/** Resolves once the process has ended and its last output is known. Never rejects. */
export async function whenLost(child: Child): Promise<ServerExit> {
  const exit = await child.exited;
  await child.drained;
  return { what: describeExit(exit), byOthers: exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' };
}

/** How the server ended with which a connection broke; undefined where it goes on. */
export async function exitOf({ exited }: Exiting): Promise<ServerExit | undefined> {
  return Promise.race([exited, sleep(exitNotice, undefined, { ref: false })]);
}

/** Whether a call met a server that somebody was just killing: one that dies of the call ends in another way. */
export async function wasKilled(server: Exiting, error: unknown): Promise<boolean> {
  if (!(error instanceof ModelServerError && error.code === 'MODEL_CRASHED')) return false;
  return (await exitOf(server))?.byOthers === true;
}

export function describeExit({ code, signal }: ChildExit): string {
  if (signal === 'SIGKILL') return 'was killed by SIGKILL (perhaps it ran out of memory)';
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}

/** Milliseconds: a connection breaks a moment before the process is known to have ended. */
const exitNotice = 500;
