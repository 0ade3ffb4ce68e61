import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { askCredentialHelper } from '../../../image/registry/credential-helper.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-helper-'));
});
afterEach(async () => rm(folder, { recursive: true }));

test('a helper that never answers is killed after 10 s, with all that it has started', async () => {
  const helper = join(folder, 'docker-credential-stuck');
  await writeFile(helper, `#!/bin/sh\nsleep 300 & echo $! > ${folder}/child\nwait\n`);
  await chmod(helper, 0o755);

  const asking = askCredentialHelper('stuck', 'quay.io', { PATH: `${folder}:${process.env['PATH']}` });

  await expect(asking).rejects.toMatchObject({
    code: 'REGISTRY_CREDENTIALS',
    message: 'docker-credential-stuck gave no answer in 10 s',
  });
  const child = Number(await readFile(join(folder, 'child'), 'utf8'));
  await expect.poll(async () => isAlive(child), { timeout: 5000 }).toBe(false);
});

/** Whether a process runs. A zombie does not. */
async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'x (x) Z');
  return !/\) Z/.test(state);
}
