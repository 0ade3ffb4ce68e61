import { readFileSync } from 'node:fs';

/** Milliseconds of processor time that a process has taken so far, in steps of ten. Linux only. */
export function processorTime(pid: number): number {
  // The name of the program may hold anything; what follows its last parenthesis does not.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
