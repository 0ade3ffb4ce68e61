import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushBase } from '../image/registry/support/base-images.ts';
import { type Checkout, copyCheckout } from '../support/checkout.ts';
import { type RegistryCli, startRegistryCli } from './commands/registry-cli.ts';

let checkout: Checkout;
let registry: RegistryCli;
let folder: string;
let environment: Record<string, string>;

/** The package of `npm pack`, installed into an empty folder without access to a registry. */
beforeAll(async () => {
  checkout = await copyCheckout({ packages: 'copies' });
  registry = await startRegistryCli();
  await pushBase(registry.host, 'models/ocr', 'v1');
  folder = checkout.path('elsewhere');
  environment = { XDG_CACHE_HOME: checkout.path('cache'), DOCKER_CONFIG: checkout.path('cache') };
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{}');
  await execa('npm', ['pack', '--pack-destination', folder], { cwd: checkout.folder });
  const file = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no package';
  const offline = { npm_config_registry: 'http://127.0.0.1:1', npm_config_cache: checkout.path('npm-cache') };
  await execa('npm', ['install', '--no-audit', '--no-fund', `./${file}`], { cwd: folder, env: offline });
});
afterAll(async () => {
  await registry.close();
  await checkout.close();
});

async function npx(...words: readonly string[]): Promise<string> {
  const { stdout } = await execa('npx', ['--no-install', 'modelwhisk', ...words], { cwd: folder, env: environment });
  return stdout;
}

test('npx modelwhisk lists the same models as ./build.ts, and calls itself by its name', async () => {
  const { stdout } = await execa(checkout.path('build.ts'), ['list'], { cwd: folder });
  expect(await npx('list')).toBe(stdout);
  expect(await npx('--help')).toMatch(/^Usage: npx modelwhisk \[options\] \[command\]\n/);
  expect(await npx('--version')).toBe('0.1.0');
});

test('npx modelwhisk build lays the same adapter onto an image as ./build.ts does', async () => {
  const { host, layers } = registry;
  const image = `${host}/me/max-ocr`;
  const base = ['--models', 'max-ocr', '--base', `${host}/models/ocr:v1`, '--engine', 'registry', ...layers];
  expect(await npx('build', ...base, '--registry', host, '--username', 'me', '--quiet')).toBe(image);
  expect(await npx('verify', image, ...layers)).toContain('is exactly');
  const verified = await execa(checkout.path('build.ts'), ['verify', image, ...layers], { env: environment });
  expect(verified.stdout).toContain('is exactly');
});

test('npx modelwhisk start installs the packages of digits, serves it, and prints the curl command', async () => {
  const running = execa('npx', ['--no-install', 'modelwhisk', 'start', '--port', '0', '--json'], {
    cwd: folder,
    env: environment,
    reject: false,
  });
  const { value: line } = await running.iterable()[Symbol.asyncIterator]().next();
  const { actions } = JSON.parse(String(line)) as { actions: { web: string; curl: string }[] };
  const sample = 'node_modules/modelwhisk/dist/digits/samples/7.png';
  expect(actions[0]?.curl).toBe(`curl -F image=@${sample} ${String(actions[0]?.web)}`);
  const form = new FormData();
  form.set('image', new Blob([await readFile(join(folder, sample))]), '7.png');
  const reply = await fetch(String(actions[0]?.web), { method: 'POST', body: form });
  const { predictions } = (await reply.json()) as { predictions: { label_id: string }[] };
  expect(predictions[0]?.label_id).toBe('7');
  running.kill('SIGTERM');
  expect((await running).stderr).toMatch(/^installing packages in .*digits-\w+ with npm ci, once …$/m);
});

test('the package needs no other', async () => {
  const manifest = await readFile(join(folder, 'node_modules/modelwhisk/package.json'), 'utf8');
  expect(JSON.parse(manifest)).not.toHaveProperty('dependencies');
  expect(await readdir(join(folder, 'node_modules'))).toEqual(['.bin', '.package-lock.json', 'modelwhisk']);
});
