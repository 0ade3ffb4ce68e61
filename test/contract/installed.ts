import { spawnSync } from 'node:child_process';

/** Whether a program is on the PATH; says on standard error what a missing one leaves untested. */
export function isInstalled(program: string): boolean {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error !== undefined) console.warn(`${program} is not installed: the tests that need it are skipped`);
  return error === undefined;
}
