import { readdir } from 'node:fs/promises';
import { procReader, type ReadProc } from './read-proc.ts';

/**
 * The running processes that descend from a started process: those in its process group, and those that have `mark` in
 * their environment, because a daemon leaves the group by setsid.
 *
 * Reads /proc. Without it (macOS) the result is empty, and only the group can be signalled.
 */
export async function findProcesses(group: number, mark: string): Promise<number[]> {
  const read = procReader();
  const found: number[] = [];
  for (const pid of await allProcesses()) if (await belongs(pid, group, mark, read)) found.push(pid);
  return found;
}

/** The running processes as above, with their commands. Numbers in a command, such as descriptors, are replaced by 0. */
export async function findCommands(group: number, mark: string): Promise<Map<number, string>> {
  const read = procReader();
  const commands = new Map<number, string>();
  for (const pid of await findProcesses(group, mark)) {
    const command = await read(`/proc/${pid}/cmdline`).catch(() => '');
    if (command !== '') commands.set(pid, command.replaceAll(/\d+/g, '0'));
  }
  return commands;
}

/** The running processes below a process. All of them, if it adopts orphans as the init program does. */
export async function findDescendants(root: number): Promise<number[]> {
  const read = procReader();
  const statuses = new Map<number, ProcessStatus>();
  for (const pid of await allProcesses()) {
    const status = await readStatus(pid, read).catch(() => undefined);
    if (status !== undefined) statuses.set(pid, status);
  }
  const isBelow = (pid: number): boolean => {
    const parent = statuses.get(pid)?.parent;
    return parent === root || (parent !== undefined && isBelow(parent));
  };
  return [...statuses].flatMap(([pid, { isRunning }]) => (isRunning && isBelow(pid) ? [pid] : []));
}

async function allProcesses(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function belongs(pid: number, group: number, mark: string, read: ReadProc): Promise<boolean> {
  try {
    const status = await readStatus(pid, read);
    if (!status.isRunning) return false;
    if (status.group === group) return true;
    return (await read(`/proc/${pid}/environ`)).split('\0').includes(mark);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}

interface ProcessStatus {
  readonly isRunning: boolean;
  readonly parent: number;
  readonly group: number;
}

/** Rejects if the process has ended. */
async function readStatus(pid: number, read: ReadProc): Promise<ProcessStatus> {
  const stat = await read(`/proc/${pid}/stat`);
  // The command name before the last ")" may contain any character. After it follow state, parent and group.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  // A zombie with other threads is still ending, and its sockets are still open (proc(5): num_threads).
  const threads = Number(fields[17]);
  return {
    isRunning: state !== 'X' && (state !== 'Z' || threads > 1),
    parent: Number(parent),
    group: Number(group),
  };
}
