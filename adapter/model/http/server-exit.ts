import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCrash } from '../../errors.ts';
import type { Child, ChildExit } from './child.ts';

/** How a model server's process ended. */
export interface ServerExit {
  /** For messages, for example "was killed by SIGKILL". */
  readonly what: string;
  /** Whether a signal from outside ended it, not a crash or its own exit. */
  readonly byOthers: boolean;
}

interface Exiting {
  readonly exited: Promise<ServerExit>;
}

/** Resolves when the process has ended and its last output is known. Never rejects. */
export async function whenLost(child: Child): Promise<ServerExit> {
  const exit = await child.exited;
  await child.drained;
  return { what: describeExit(exit), byOthers: killedByOthers(exit) };
}

/** A shell or a tini ends with 128 and the number of the signal that ended its program. */
function killedByOthers({ code, signal }: ChildExit): boolean {
  const { SIGKILL, SIGTERM } = constants.signals;
  return signal === 'SIGKILL' || signal === 'SIGTERM' || code === 128 + SIGKILL || code === 128 + SIGTERM;
}

/** How the server ended after a connection broke. Undefined after another error, or if the server still runs. */
export async function exitAfter(error: unknown, { exited }: Exiting): Promise<ServerExit | undefined> {
  if (!isCrash(error)) return undefined;
  return Promise.race([exited, sleep(exitNotice, undefined, { ref: false })]);
}

export function describeExit({ code, signal }: ChildExit): string {
  if (signal === 'SIGKILL') return 'was killed by SIGKILL (perhaps it ran out of memory)';
  if (code === 128 + constants.signals.SIGKILL)
    return `exited with code ${code} (SIGKILL; perhaps it ran out of memory)`;
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}

/** Milliseconds to wait for the exit, because the connection breaks a moment before it. */
const exitNotice = 500;
