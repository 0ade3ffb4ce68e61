import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const sources = [process.execPath, '--import', 'tsx', join(root, 'adapter', 'main.ts')];

/** The adapter in a process of its own, as in a container. */
export interface ChildProcess {
  readonly pid: number;
  output(): { stdout: string; stderr: string };
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts the adapter for this row, whatever platform the environment stands for.
 *
 * @param command program and arguments, for example Node.js and the bundle. Default: adapter/main.ts
 * @param user to run as; only root can name another
 */
export function spawnAdapter(
  row: object,
  environment: Readonly<Record<string, string>>,
  command: readonly string[] = sources,
  user: { readonly uid?: number; readonly gid?: number } = {},
): ChildProcess {
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd: root,
    env: { PATH: process.env['PATH'], MODELWHISK_MODEL: JSON.stringify(row), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
