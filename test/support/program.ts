import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A running `./build.ts`. */
export interface RunningProgram {
  /** Resolves with all of stdout so far when it matches. Rejects if the program ends first, and after two minutes. */
  printed(pattern: RegExp): Promise<string>;
  /** Interrupts it like Ctrl+C. Resolves when the program has ended. */
  interrupt(): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

/** Starts the program like a user. */
export function startProgram(
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): RunningProgram {
  const child = spawn(join(import.meta.dirname, '../../build.ts'), words, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const closed = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  return {
    printed: async (pattern) => {
      const deadline = AbortSignal.timeout(120_000);
      while (!pattern.test(output.stdout)) {
        const next = once(child.stdout, 'data', { signal: deadline });
        const ended = await Promise.race([next.then(() => false), closed.then(() => true)]);
        if (ended && !pattern.test(output.stdout)) throw new Error(`it ended without ${pattern}: ${output.stderr}`);
      }
      return output.stdout;
    },
    interrupt: async () => {
      child.kill('SIGINT');
      return { exitCode: await closed, stderr: output.stderr };
    },
  };
}
