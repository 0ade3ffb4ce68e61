import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findProcesses } from '../../../../adapter/model/http/processes.ts';
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
});
