import { readdir, readFile } from 'node:fs/promises';

/** Numbers of the processes with such a command line, besides the adapter and this one. */
export async function processesLike(pattern: RegExp): Promise<readonly number[]> {
  const lines = (await commandLines()).filter((line) => !line.includes('main.cjs') && pattern.test(line));
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid);
}

/** "PID COMMAND LINE" of every process of the sandbox. */
export async function commandLines(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return words === '' ? [] : [`${pid} ${words.replaceAll('\0', ' ').trim()}`];
    }),
  );
  return lines.flat();
}
