import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withLock } from '../../../cli/launch/lock.cjs';
import { type Checkout, copyCheckout } from '../../support/checkout.ts';

let checkout: Checkout;
beforeEach(async () => {
  checkout = await copyCheckout({ packages: 'links' });
  await rename(checkout.path('node_modules'), checkout.path('packages'));
  // Stands for npm, which takes half a minute: it takes a second, reports its start, and installs the existing
  // packages.
  await mkdir(checkout.path('programs'));
  await writeFile(
    checkout.path('programs/npm'),
    `#!/bin/sh\necho npm >> '${checkout.path('calls')}'\nsleep 1\nmv packages node_modules\n`,
  );
  await chmod(checkout.path('programs/npm'), 0o755);
});
afterEach(async () => checkout.close());

async function start() {
  const env = { PATH: `${checkout.path('programs')}${delimiter}${process.env['PATH']}` };
  return execa('./build.ts', ['show', 'max-ocr'], { cwd: checkout.folder, env, reject: false });
}

const lock = (): string => checkout.path('.npm-ci.lock');

test('of two first starts at once, one installs and the other waits for it', async () => {
  const both = await Promise.all([start(), start()]);
  for (const { exitCode, stdout } of both) {
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^name +max-ocr$/m);
  }
  expect(both.map(({ stderr }) => stderr).toSorted()).toEqual([
    `installing packages in ${checkout.folder} with npm ci, once …`,
    `waiting for another start, which installs packages in ${checkout.folder} …`,
  ]);
  expect(await readFile(checkout.path('calls'), 'utf8')).toBe('npm\n');
  expect(await readdir(checkout.folder)).not.toContain('.npm-ci.lock');
});

test('a start that was killed holds up no other', async () => {
  await writeFile(lock(), String(deadProcess()));
  expect(await start()).toMatchObject({
    exitCode: 0,
    stderr: `installing packages in ${checkout.folder} with npm ci, once …`,
  });
});

test.each([
  ['of a process that is gone', String(deadProcess()), Date.now() / 1000],
  ['without a number', '', Date.now() / 1000],
  ['of long ago, whose number another process has by now', String(process.pid), 1],
])('a lock %s counts no more', async (_title, text, time) => {
  await writeFile(lock(), text);
  await utimes(lock(), time, time);
  const waiting = vi.fn<() => void>();
  expect(withLock(lock(), waiting, () => 'done')).toBe('done');
  expect(waiting).not.toHaveBeenCalled();
});

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}
