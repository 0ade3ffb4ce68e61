import { cp, mkdir, mkdtemp, readdir, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, writeWhole } from '../../../image/layers/build-cache.mjs';

let folder: string;
let times: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-cache-'));
  times = 0;
  await writeFile(input(), 'one');
  await settle();
});
afterEach(async () => rm(folder, { recursive: true }));

const input = (): string => join(folder, 'input');
const output = (): string => join(folder, 'output');
/** Longer than the resolution of the file system's clock. */
const settle = async (): Promise<void> => sleep(150);

async function make(record = join(folder, 'record.json')): Promise<number> {
  return cached(record, async () => {
    await writeFile(output(), 'made');
    return { value: ++times, inputs: [input()], outputs: [output()] };
  });
}

test('makes a value only once', async () => {
  expect([await make(), await make(), await make()]).toEqual([1, 1, 1]);
});

test.each<[string, () => Promise<unknown>]>([
  ['an input has changed', async () => writeFile(input(), 'more')],
  [
    'an input has other bytes, but the size and the time that it had',
    async () => {
      await writeFile(input(), 'two');
      await utimes(input(), 1, 1);
    },
  ],
  ['an input is gone', async () => unlink(input())],
  ['what was made is gone', async () => unlink(output())],
  ['what was made has been emptied', async () => writeFile(output(), '')],
  ['the record is broken', async () => writeFile(join(folder, 'record.json'), '{')],
])('it is made again when %s', async (_, change) => {
  await utimes(input(), 1, 1);
  await settle();
  expect([await make(), await make()]).toEqual([1, 1]);
  await change();
  await settle();
  expect([await make(), await make()]).toEqual([2, 2]);
});

test('an input that changes while it is read is read again', async () => {
  const record = join(folder, 'record.json');
  const racing = await cached(record, async () => {
    await writeFile(input(), 'late');
    return { value: 'from the former bytes', inputs: [input()], outputs: [] };
  });
  expect(racing).toBe('from the former bytes');
  expect(await make()).toBe(1);
});

test('a record that was copied to another folder is not used there', async () => {
  expect(await make()).toBe(1);
  await cp(join(folder, 'record.json'), join(folder, 'copy.json'));
  expect(await make(join(folder, 'copy.json'))).toBe(2);
});

test('a file that cannot be written completely is removed', async () => {
  await mkdir(output());
  await expect(writeWhole(output(), 'content')).rejects.toThrow('EISDIR');
  expect(await readdir(folder)).toEqual(['input', 'output']);
});
