import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findDescendants, findProcesses } from '../../../../adapter/model/http/processes.ts';
import { lacks } from '../../../support/requirements.ts';

// Its first thread ends while another continues, like a server with many threads just after it is killed.
const program = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=[60]).start()
ctypes.CDLL(None).pthread_exit(None)
`;

describe.skipIf(lacks('python3') || process.platform !== 'linux')('findProcesses', () => {
  test('counts a process until its last thread has ended', async () => {
    const child = spawn('python3', ['-c', program], { detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    try {
      await expect.poll(async () => readFile(`/proc/${pid}/stat`, 'latin1'), { timeout: 30_000 }).toContain(') Z ');
      expect(await findProcesses(pid, 'no mark')).toEqual([pid]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(await findProcesses(pid, 'no mark')).toEqual([]);
  });

  test('finds a process by a variable after any number of others in its environment', async () => {
    const env = { OTHER: 'x'.repeat(50_000), MARK_OF_TEST: 'yes' };
    const child = spawn('sleep', ['60'], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], ...env },
    });
    try {
      await once(child, 'spawn');
      await expect.poll(async () => findProcesses(-1, 'MARK_OF_TEST=yes'), { timeout: 10_000 }).toEqual([child.pid]);
      expect(await findProcesses(-1, 'MARK_OF_TEST=y')).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('takes no memory for each process of the machine', async () => {
    const others = Array.from({ length: 40 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }));
    try {
      await Promise.all(others.map(async (other) => once(other, 'spawn')));
      const before = process.memoryUsage().arrayBuffers;
      expect(await findDescendants(process.pid)).toEqual(expect.arrayContaining(others.map(({ pid }) => pid)));
      // readFile would take 40 times 64 KB.
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500_000);
    } finally {
      for (const other of others) other.kill('SIGKILL');
    }
  });
});
