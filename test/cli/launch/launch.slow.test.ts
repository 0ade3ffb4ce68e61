import { appendFile, mkdir, readdir, readFile, rm, symlink, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Checkout, copyCheckout } from '../../support/checkout.ts';
import { anotherUser } from '../../support/another-user.ts';

let checkout: Checkout;
beforeAll(async () => {
  checkout = await copyCheckout({ packages: 'links' });
});
afterAll(async () => checkout.close());

const cache = (): string => checkout.path('node_modules/.cache/modelwhisk');
const programs = async (): Promise<string[]> => (await readdir(cache())).filter((name) => name.startsWith('program-'));
const planned = ['--models', 'max-ocr', '--username', 'me', '--dry-run', '--quiet'];
const wanted = { exitCode: 0, stdout: 'me/max-ocr', stderr: '' };

async function start(words: readonly string[], options: Options = {}) {
  return execa(checkout.path('build.ts'), words, { cwd: tmpdir(), reject: false, ...options });
}

describe('./build.ts starts without output of its own', () => {
  test('the first, the second and the third time', async () => {
    for (let time = 0; time < 3; time++) expect(await start(planned)).toMatchObject(wanted);
  });

  test('after a change of a source, which it uses', async () => {
    await appendFile(checkout.path('cli/entry.ts'), "\nprocess.stdout.write('changed\\n');\n");
    for (let time = 0; time < 2; time++) expect((await start(planned)).stdout).toBe('me/max-ocr\nchanged');
    await appendFile(checkout.path('cli/entry.ts'), "\nprocess.stdout.write('twice\\n');\n");
    expect((await start(planned)).stdout).toBe('me/max-ocr\nchanged\ntwice');
  });

  test.each<[string, (program: string) => Promise<unknown>]>([
    ['all of its cache is gone', async () => rm(join(cache(), '..'), { recursive: true })],
    ['the record of its cache is empty', async () => truncate(join(cache(), 'program.json'))],
    ['the program in its cache is gone', async (program) => rm(program, { recursive: true })],
    ['a part of it is gone', async (program) => rm(join(program, 'entry.mjs'))],
    ['a part of it is empty', async (program) => truncate(join(program, 'entry.mjs'))],
  ])('if %s', async (_, damage) => {
    const { stdout } = await start(planned);
    const { value } = JSON.parse(await readFile(join(cache(), 'program.json'), 'utf8')) as { readonly value: string };
    await damage(dirname(value));
    expect(await start(planned)).toMatchObject({ ...wanted, stdout });
    expect(await readdir(dirname(value))).toContain('entry.mjs');
  });

  test('if its folder is not writable, and leaves no temporary files behind', async () => {
    const temporary = checkout.path('temporary');
    await rm(cache(), { recursive: true });
    const { run, restore } = await anotherUser(checkout.folder, temporary);
    for (let time = 0; time < 2; time++) {
      expect(await start(planned, { ...run, env: { TMPDIR: temporary } })).toMatchObject({ exitCode: 0, stderr: '' });
    }
    expect(await readdir(temporary)).toEqual([]);
    await restore();
  });
});

test('bundles older than a day are removed by the next bundling', async () => {
  await start(planned);
  const before = await programs();
  for (const name of before) await utimes(join(cache(), name), 1, 1);
  await appendFile(checkout.path('cli/entry.ts'), "\nprocess.stdout.write('more\\n');\n");
  await start(planned);
  const after = await programs();
  expect(after).toHaveLength(1);
  expect(before).not.toContain(after[0]);
});

describe('the same program runs', () => {
  test.each([
    ['sh build.ts in its folder', 'sh build.ts'],
    ['npx tsx build.ts', 'npx --no-install tsx build.ts'],
    ['node cli/launch/launch.cjs', 'node cli/launch/launch.cjs'],
    ['a link to a link to it', './link'],
    ['its name on the PATH', 'PATH=.:$PATH; build.ts'],
  ])('by %s', async (_, command) => {
    await symlink('other-link', checkout.path('link')).catch(() => undefined);
    await symlink('build.ts', checkout.path('other-link')).catch(() => undefined);
    const { stdout } = await execa(`${command} show max-ocr`, { cwd: checkout.folder, shell: true });
    expect(stdout).toMatch(/^name +max-ocr$/m);
  });

  test('with its arguments and its exit code passed on', async () => {
    const { exitCode, stderr } = await start(['a  b', '$HOME']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"a  b"') as string });
    expect((await start(['-e', '1'])).stderr).toContain("unknown option '-e'");
  });
});

describe('an output that takes nothing, as a full disk,', () => {
  const full = async (command: string) => execa(command, { cwd: checkout.folder, shell: true, reject: false });

  test('ends it with 1 and a line, if it is that of the results', async () => {
    expect(await full('./build.ts show max-ocr >/dev/full')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: the results cannot be written to standard output: ENOSPC.*$/) as string,
    });
  });

  test('changes neither the results nor the exit code, if it is that of the progress', async () => {
    const call = './build.ts call http://127.0.0.1:1 build.ts';
    expect(await full(`${call} 2>/dev/full`)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(await full('./build.ts lits 2>/dev/full')).toMatchObject({ exitCode: 2 });
  });
});

test('its first line needs a shell and node, and no other program', async () => {
  const folder = checkout.path('programs');
  await mkdir(folder);
  await symlink(process.execPath, join(folder, 'node'));
  expect(await start(planned, { env: { PATH: folder }, extendEnv: false })).toMatchObject({ exitCode: 0, stderr: '' });
});
