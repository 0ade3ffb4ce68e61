import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';

/** Runs `define` where a program is installed; elsewhere leaves one skipped test that names it. */
export function skipWithout(program: string, define: () => void): void {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined) define();
  else describe.skip(`${program} is not installed`, () => test(`needs ${program}`, () => undefined));
}
