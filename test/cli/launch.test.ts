import { appendFile, cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
let checkout: string;

/** A checkout of its own, whose sources can be changed. */
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'modelwhisk-checkout-'));
  for (const name of ['build.ts', 'core', 'image', 'models.json', 'package.json']) {
    await cp(join(root, name), join(checkout, name), { recursive: true });
  }
  await mkdir(join(checkout, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(checkout, 'node_modules', name));
  }
});
afterAll(async () => rm(checkout, { recursive: true }));

async function run(...words: readonly string[]): Promise<string> {
  const { stdout } = await execa(join(checkout, 'build.ts'), words, { cwd: tmpdir() });
  return stdout;
}

async function bundles(): Promise<readonly string[]> {
  return cachedFiles('.cjs');
}

async function compiledForms(): Promise<readonly string[]> {
  return cachedFiles('.compiled');
}

async function cachedFiles(end: string): Promise<readonly string[]> {
  const folder = join(checkout, 'node_modules/.cache/modelwhisk');
  return (await readdir(folder)).filter((name) => name.endsWith(end)).map((name) => join(folder, name));
}

test('./build.ts runs from any folder, on the sources as they are now, and keeps one bundle', async () => {
  expect(await run('show', 'max-ocr')).toContain('max-ocr');
  const [first] = await bundles();
  expect(await run('--version')).toBe('0.1.0');
  expect(await bundles()).toEqual([first]);
  await appendFile(join(checkout, 'cli/main.ts'), "\nconsole.log('changed');\n");
  expect(await run('--version')).toBe('changed\n0.1.0');
  expect(await bundles()).toHaveLength(1);
  expect(await compiledForms()).toHaveLength(1);
});

test('./build.ts runs the same with what V8 compiled, without it, and with what another V8 compiled', async () => {
  const said = await run('show', 'max-ocr');
  const [compiled] = await compiledForms();
  const at = await stat(String(compiled));
  expect(await run('show', 'max-ocr')).toBe(said);
  expect(await stat(String(compiled))).toMatchObject({ mtimeMs: at.mtimeMs });

  // Node.js made it with other flags, as another version would.
  const flags = ['--max-semi-space-size=8', '--no-opt', join(checkout, 'cli/launch.mjs'), 'show', 'max-ocr'];
  expect((await execa(process.execPath, flags)).stdout).toBe(said);
  expect(await stat(String(compiled))).not.toMatchObject({ mtimeMs: at.mtimeMs });
  await rm(String(compiled));
  expect(await run('show', 'max-ocr')).toBe(said);
  expect(await compiledForms()).toEqual([compiled]);
});

test('./build.ts, npx tsx build.ts and node cli/launch.mjs say the same', async () => {
  const direct = await execa(process.execPath, [join(checkout, 'cli/launch.mjs'), 'list'], { cwd: checkout });
  const tsx = await execa('npx', ['--no-install', 'tsx', 'build.ts', 'list'], { cwd: checkout });
  expect(direct.stdout).toBe(await run('list'));
  expect(tsx.stdout).toBe(await run('list'));
});

test('./build.ts passes words and the exit code on as they are', async () => {
  const { exitCode, stderr } = await execa(join(checkout, 'build.ts'), ['a  b', '$HOME'], { reject: false });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"a  b"') as string });
});
