import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushBase } from '../../image/registry/support/base-images.ts';
import { type Checkout, copyCheckout } from '../../support/checkout.ts';
import { pathWithNode } from '../../support/node-versions.ts';
import { type RegistryCli, startRegistryCli } from '../commands/registry-cli.ts';

let checkout: Checkout;
let registry: RegistryCli;
beforeAll(async () => {
  checkout = await copyCheckout({ packages: 'links' });
  registry = await startRegistryCli();
  await pushBase(registry.host, 'models/ocr', 'v1');
});
afterAll(async () => {
  await checkout.close();
  await registry.close();
});

// The oldest allowed version, versions with the old and the new compile cache, and versions that strip types.
describe.each(['20.19.0', '20.20.2', '22.12.0', '22.18.0', '24.9.0'])('Node.js %s', (version) => {
  let environment: Record<string, string>;
  beforeAll(async () => {
    const cache = checkout.path(`cache-${version}`);
    environment = { PATH: await pathWithNode(version), XDG_CACHE_HOME: cache, DOCKER_CONFIG: cache };
    await rm(checkout.path('node_modules/.cache'), { recursive: true, force: true });
  });

  test('makes and pushes images on the first, the second and the third start, without output of its own', async () => {
    const { host, layers } = registry;
    const base = ['--models', 'max-ocr', '--base', `${host}/models/ocr:v1`, '--engine', 'registry', ...layers];
    for (const time of [1, 2, 3]) {
      const target = ['--registry', host, '--username', 'me', '--tag', `node-${version}-${time}`, '--quiet'];
      const { stdout, stderr } = await execa(checkout.path('build.ts'), [...base, ...target], { env: environment });
      expect({ stdout, stderr }).toEqual({ stdout: `${host}/me/max-ocr:node-${version}-${time}`, stderr: '' });
      // The adapter's layer is made again, which loads esbuild.
      await rm(checkout.path(`cache-${version}`), { recursive: true });
    }
  });
});

describe('Node.js 18', () => {
  test.each([
    ['./build.ts list', './build.ts', ['list']],
    ['npx tsx build.ts', 'node', ['--import', 'tsx', 'build.ts']],
    ['npm start', 'node', ['cli/launch/launch.cjs', 'start']],
    ['npm test', 'node', ['scripts/install.cjs']],
  ])('%s says in one line which version is needed and which runs', async (_, command, words) => {
    const options = { cwd: checkout.folder, reject: false, env: { PATH: await pathWithNode('18.20.8') } };
    const { exitCode, stdout, stderr } = await execa(command, words, options);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'modelwhisk needs Node.js 20.19 or later; this is Node.js 18.20.8',
    });
  });
});
