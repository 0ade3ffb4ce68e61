import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** The cost of an operation. */
export interface Cost {
  readonly seconds: number;
  /** Seconds of processor time, user and system. */
  readonly cpu: number;
  /** The largest resident set of the processes. */
  readonly megabytes: number;
}

/** The cost of a command with all processes that it waited for (GNU time). Rejects with its output if it fails. */
export async function commandCost(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Cost> {
  const file = join(tmpdir(), `modelwhisk-time-${process.pid}`);
  await execa('/usr/bin/time', ['-o', file, '-f', '%e %U %S %M', ...words], { env: environment });
  const [seconds = 0, user = 0, system = 0, kilobytes = 0] = (await readFile(file, 'utf8')).split(' ').map(Number);
  await rm(file);
  return { seconds, cpu: user + system, megabytes: kilobytes / 1000 };
}

/** The minimum of each number, because other work of the machine only adds to it. For memory the maximum. */
export function fastestOf(costs: readonly Cost[]): Cost {
  return {
    seconds: Math.min(...costs.map(({ seconds }) => seconds)),
    cpu: Math.min(...costs.map(({ cpu }) => cpu)),
    megabytes: Math.max(...costs.map(({ megabytes }) => megabytes)),
  };
}

export function sumOf(costs: readonly Cost[]): Cost {
  return {
    seconds: costs.reduce((sum, { seconds }) => sum + seconds, 0),
    cpu: costs.reduce((sum, { cpu }) => sum + cpu, 0),
    megabytes: Math.max(...costs.map(({ megabytes }) => megabytes)),
  };
}

/**
 * Adds the cost of a daemon, because the Docker engine does the work of the docker command. Needs root. Other users of
 * the daemon at the same time add to it.
 *
 * @param daemons names of the daemon's processes
 */
export async function withDaemons(daemons: readonly string[], work: () => Promise<Cost>): Promise<Cost> {
  const processes = await processesOf(daemons);
  // Resets the peak of the resident set (proc(5), clear_refs).
  for (const id of processes) await writeFile(`/proc/${id}/clear_refs`, '5').catch(() => undefined);
  const before = await cpuOf(processes);
  const own = await work();
  const peaks = await Promise.all(processes.map(peakOf));
  return {
    seconds: own.seconds,
    cpu: own.cpu + (await cpuOf(processes)) - before,
    megabytes: Math.max(own.megabytes, ...peaks),
  };
}

async function processesOf(names: readonly string[]): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(ids.map(async (id) => readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => names.includes(commands[index]?.trim() ?? ''));
}

/**
 * Seconds of processor time that these processes have used, user and system: fields 14 and 15 of proc(5)'s stat, in
 * hundredths of a second. Field 2 ends with the last parenthesis.
 */
export async function cpuOf(processes: readonly (string | number)[]): Promise<number> {
  const seconds = processes.map(async (id) => {
    const [, text = ''] = /^.*\) (.*)$/s.exec(await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')) ?? [];
    const fields = text.split(' ').map(Number);
    return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
  });
  return (await Promise.all(seconds)).reduce((sum, value) => sum + value, 0);
}

async function peakOf(process: string): Promise<number> {
  const status = await readFile(`/proc/${process}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
}
