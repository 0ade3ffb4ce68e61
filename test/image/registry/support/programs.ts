import { spawnSync } from 'node:child_process';

/** Whether a program is on the PATH; says once, in one line, when tests are skipped for want of it. */
export function hasProgram(name: string): boolean {
  const found = spawnSync('which', [name]).status === 0;
  if (!found) console.warn(`skipped: these tests need ${name}`);
  return found;
}
