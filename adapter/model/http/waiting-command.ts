import { basename } from 'node:path';
import { findDescendants } from './processes.ts';
import { procReader, type ReadProc } from './read-proc.ts';

/** Notices that nothing of a command is left that could become a server. */
export interface WaitingCommand {
  /** Resolves with the problem, to follow "the model server" in a message. Never rejects. */
  readonly failing: Promise<string>;
  stop(): void;
}

/**
 * Some images end their command with `tail -f` or `sleep infinity`, so that the container outlives its server. If the
 * server ends before it is ready, nothing changes any more, and the whole start limit would pass.
 *
 * That is certain if all processes below the init program, to which orphans come as well, are programs that wait for
 * ever, and shells that wait for these to end. Linux tells by the function in which a shell sleeps (proc(5): wchan)
 * whether it waits for a process or for something else, such as time or a file. Where it does not tell, as in gVisor
 * or for a process of another user, the start limit decides.
 *
 * @param init process number of the init program
 */
export function watchWaitingCommand(init: number): WaitingCommand {
  let report: ((what: string) => void) | undefined;
  const failing = new Promise<string>((resolve) => (report = resolve));
  let before = '';
  const look = async (): Promise<void> => {
    const read = procReader();
    const processes: Process[] = [];
    for (const pid of await findDescendants(init)) processes.push(await inspect(pid, read));
    const last = processes.find(({ waits }) => waits === 'for ever');
    const isOver = last !== undefined && processes.every(({ waits }) => waits !== undefined);
    const now = isOver ? processes.map(({ pid }) => pid).join(' ') : '';
    if (isOver && now === before)
      report?.(`has ended before it was ready: of its command, only ${JSON.stringify(last.command)} still runs`);
    before = now;
  };
  const timer = setInterval(() => void look(), period).unref();
  return { failing, stop: () => clearInterval(timer) };
}

interface Process {
  readonly pid: number;
  readonly command: string;
  /** Undefined if it may do something else. */
  readonly waits: 'for ever' | 'for others' | undefined;
}

async function inspect(pid: number, read: ReadProc): Promise<Process> {
  const words = await read(`/proc/${pid}/cmdline`).catch(() => '');
  const place = await read(`/proc/${pid}/wchan`).catch(() => '');
  const command = words.split('\0').slice(0, -1);
  const waits = endless.test(command.join(' '))
    ? 'for ever'
    : waitsForOthers(command, place)
      ? 'for others'
      : undefined;
  return { pid, command: command.join(' '), waits };
}

function waitsForOthers([file = '']: readonly string[], place: string): boolean {
  // A login shell's name begins with "-".
  const name = basename(file).replace(/^-/, '');
  return inits.has(name) || (shells.has(name) && place === 'do_wait');
}

/** With --pid, `tail` ends by itself. Some images have one program for all commands: BusyBox, or coreutils. */
const endless =
  /^(?:\S*busybox |\S*coreutils --coreutils-prog\S+ )?(?:\S*\/)?(?:tail (?!.*--pid)(?:.* )?(?:-[0-9a-zA-Z]*[fF]|--follow\b).*|sleep inf(?:inity)?)$/;

/** They have one thread each. */
const shells: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'busybox', 'dash']);

/** They only wait for the program that they started. */
const inits: ReadonlySet<string> = new Set(['tini', 'tini-static', 'docker-init', 'dumb-init', 'catatonit']);

/** Milliseconds between two looks. */
const period = 1000;
