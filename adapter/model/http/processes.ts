import { readdir, readFile } from 'node:fs/promises';

/**
 * The running processes that descend from a started process: those in its process group, and those that have `mark` in
 * their environment, because a daemon leaves the group by setsid.
 *
 * Reads /proc. Without it (macOS) the result is empty, and only the group can be signalled.
 */
export async function findProcesses(group: number, mark: string): Promise<number[]> {
  const pids = await allProcesses();
  const found = await Promise.all(pids.map((pid) => belongs(pid, group, mark)));
  return pids.filter((_, index) => found[index]);
}

/** The running processes as above, with their commands. Numbers in a command, such as descriptors, are replaced by 0. */
export async function findCommands(group: number, mark: string): Promise<Map<number, string>> {
  const pids = await findProcesses(group, mark);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
  const named = pids.map((pid, index): [number, string] => [pid, (commands[index] ?? '').replaceAll(/\d+/g, '0')]);
  return new Map(named.filter(([, command]) => command !== ''));
}

/** The running processes below a process. All of them, if it adopts orphans as the init program does. */
export async function findDescendants(root: number): Promise<number[]> {
  const pids = await allProcesses();
  const statuses = await Promise.all(pids.map((pid) => readStatus(pid).catch(() => undefined)));
  const parents = new Map(pids.map((pid, index) => [pid, statuses[index]?.parent]));
  const isBelow = (pid: number | undefined): boolean => {
    const parent = pid === undefined ? undefined : parents.get(pid);
    return parent === root || (parent !== undefined && isBelow(parent));
  };
  return pids.filter((pid, index) => statuses[index]?.isRunning === true && isBelow(pid));
}

async function allProcesses(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function belongs(pid: number, group: number, mark: string): Promise<boolean> {
  try {
    const status = await readStatus(pid);
    if (!status.isRunning) return false;
    if (status.group === group) return true;
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0').includes(mark);
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
async function readStatus(pid: number): Promise<ProcessStatus> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
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
