import { readFileSync } from 'node:fs';

/** Resident memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes ?? Number.NaN) / 1024;
}

/** How much the resident memory of a process grows at most, in MiB, while something is done. */
export async function memoryGrowth(pid: number, act: () => Promise<void>): Promise<number> {
  const before = residentMemory(pid);
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMemory(pid))), 50);
  try {
    await act();
  } finally {
    clearInterval(sampling);
  }
  return peak - before;
}
