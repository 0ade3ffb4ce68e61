import { spawn, type ChildProcess } from 'node:child_process';

import { codeOf } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';

export interface ProgramOptions {
  /** Sent to its standard input. */
  readonly input: string;
  readonly environment: Environment;
  /** Milliseconds after which it is killed. */
  readonly timeout: number;
  /** Bytes of standard output after which it is killed. */
  readonly outputLimit: number;
}

export type ProgramEnd =
  /** The code is 128 where a signal ended it. */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string }
  | { readonly kind: 'not-started'; readonly code: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much' };

/**
 * Runs a program that answers one question, with a time limit: processes that it started may keep its output open for
 * ever. After a time-out or too much output, all of them are killed.
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  { input, environment, timeout, outputLimit }: ProgramOptions,
): Promise<ProgramEnd> {
  // A process group of its own, so that whatever it starts can be killed with it.
  const child = spawn(program, words, { env: environment, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (end: ProgramEnd): void => {
      clearTimeout(timer);
      if (end.kind === 'timed-out' || end.kind === 'too-much') killGroup(child);
      child.stdin.destroy();
      child.stdout.destroy();
      resolve(end);
    };
    const timer = setTimeout(() => finish({ kind: 'timed-out' }), timeout);
    child.once('error', (error) => finish({ kind: 'not-started', code: codeOf(error) ?? 'unknown' }));
    // It may end before it has read its input.
    child.stdin.on('error', () => undefined).end(input);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > outputLimit) finish({ kind: 'too-much' });
    });
    const exited = (code: number | null): ProgramEnd => ({
      kind: 'exited',
      exitCode: code ?? 128,
      stdout: Buffer.concat(chunks).toString('utf8'),
    });
    child.once('close', (code) => finish(exited(code)));
    // Its output is in the pipe by then, but the pipe may stay open.
    child.once('exit', (code) => setTimeout(() => finish(exited(code)), lastOutput));
  });
}

/** Milliseconds in which the output of a program that has ended is read. */
const lastOutput = 200;

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
