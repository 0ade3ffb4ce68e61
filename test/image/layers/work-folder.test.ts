import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withOutputFolder, withWorkFolder } from '../../../image/layers/work-folder.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'modelwhisk-work-'));
});
afterEach(async () => rm(cache, { recursive: true }));

test('work gets its own folder, which is removed afterwards in any case', async () => {
  const folder = join(cache, 'not/yet/there');
  const seen: string[] = [];
  const work = async (path: string): Promise<string> => {
    seen.push(path);
    await writeFile(join(path, 'part'), 'of something');
    return 'done';
  };
  expect(await Promise.all([withWorkFolder(folder, work), withWorkFolder(folder, work)])).toEqual(['done', 'done']);
  expect(new Set(seen).size).toBe(2);
  const failing = withWorkFolder(folder, async (path) => work(path).then(() => Promise.reject(new Error('no'))));
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(folder)).toEqual([]);
});

test('leftovers of killed processes of this machine are removed, and old leftovers of other machines', async () => {
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const yesterday = Date.now() / 1000 - 86_500;
  const folders: readonly (readonly [string, number?])[] = [
    [`work-${hostname()}-${ended}-abc`],
    [`work-${hostname()}-${process.pid}-abc`, yesterday],
    ['work-another-1-abc'],
    ['work-another-2-abc', yesterday],
    ['7a.partial', yesterday],
    ['8b.partial'],
    ['context-x', yesterday],
    ['runtime-files-x', yesterday],
    ['runtime-0123.tar', yesterday],
  ];
  for (const [name, time] of folders) {
    await mkdir(join(cache, name));
    await writeFile(join(cache, name, 'part'), 'of something');
    if (time !== undefined) await utimes(join(cache, name), time, time);
  }
  await withWorkFolder(cache, async () => undefined);
  expect((await readdir(cache)).toSorted()).toEqual(
    ['8b.partial', 'runtime-0123.tar', 'work-another-1-abc', `work-${hostname()}-${process.pid}-abc`].toSorted(),
  );
});

test('a folder that cannot be made is reported with what to do', async () => {
  await writeFile(join(cache, 'file'), '');
  await expect(withWorkFolder(join(cache, 'file'), async () => undefined)).rejects.toMatchObject({
    code: 'CACHE',
    message: `${join(cache, 'file')} cannot be written (EEXIST)`,
    hint: 'set XDG_CACHE_HOME to a folder that can be',
  });
});

test.runIf(process.platform === 'linux').each(['/proc/x', '/proc/self/x/y', '/proc'])('so is %s', async (folder) => {
  await expect(withOutputFolder(folder, async () => undefined)).rejects.toMatchObject({
    code: 'OUTPUT',
    message: `${folder} cannot be written (ENOENT)`,
  });
});

test('in a folder that a user named, only leftovers of this program are removed', async () => {
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const theirs = ['context-x', 'mine.partial', 'work-another-2-abc', `work-${hostname()}-${ended}-abc`];
  for (const name of [...theirs, `.modelwhisk-${hostname()}-${ended}-abc`]) {
    await mkdir(join(cache, name));
    await utimes(join(cache, name), 1, 1);
  }
  await withOutputFolder(cache, async (folder) => writeFile(join(folder, 'part'), ''));
  expect((await readdir(cache)).toSorted()).toEqual(theirs.toSorted());
});

test('a cache folder that cannot be made is reported with what to do', async () => {
  await writeFile(join(cache, 'file'), '');
  await expect(withOutputFolder(join(cache, 'file'), async () => undefined)).rejects.toMatchObject({
    code: 'OUTPUT',
    message: `${join(cache, 'file')} cannot be written (EEXIST)`,
    hint: 'name another place, or let this user write there',
  });
});
