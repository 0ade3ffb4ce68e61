import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../../image/layers/make-folder.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-folder-'));
});
afterEach(async () => rm(folder, { recursive: true }));

test.each(['a', 'a/b/c', 'a/b/', 'a/../b', '.'])('%s is made with its parents, and may exist already', async (path) => {
  for (let time = 0; time < 2; time += 1) makeFolder(`${folder}/${path}`);
  expect((await stat(`${folder}/${path}`)).isDirectory()).toBe(true);
});

test('a link to a folder is one', async () => {
  await mkdir(join(folder, 'real'));
  await symlink('real', join(folder, 'link'));
  makeFolder(join(folder, 'link/inner'));
  expect(await readdir(join(folder, 'real'))).toEqual(['inner']);
});

test.each([
  ['a file', 'file', 'EEXIST'],
  ['a path below a file', 'file/a/b', 'ENOTDIR'],
  ['a link to nothing', 'nowhere', 'EEXIST'],
  ['a path below a link to nothing', 'nowhere/a', 'EEXIST'],
])('%s is refused with the error of the kernel', async (_title, path, code) => {
  await writeFile(join(folder, 'file'), '');
  await symlink('missing', join(folder, 'nowhere'));
  expect(() => makeFolder(join(folder, path))).toThrow(expect.objectContaining({ code }) as Error);
});

// Node's recursive mkdir never returns for these.
test.runIf(process.platform === 'linux')('a file system that takes no folders ends it at once', () => {
  for (const path of ['/proc/x', '/proc/self/x/y']) {
    expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
  }
});
