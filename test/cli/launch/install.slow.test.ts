import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherUser } from '../../support/another-user.ts';
import { type Checkout, copyCheckout } from '../../support/checkout.ts';

/** The first commands of a new user. */
const commands = [
  ['./build.ts', ['list']],
  ['npm', ['start', '--silent']],
  ['npm', ['test', '--silent']],
] as const;

describe('on a fresh clone with nothing installed', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await copyCheckout({ packages: 'none' });
  });
  afterAll(async () => checkout.close());

  test.each(commands)(
    '%s %j without a network says at once what it does, and within seconds why not',
    async (...command) => {
      const environment = { npm_config_registry: 'http://127.0.0.1:1', npm_config_cache: checkout.path('npm-cache') };
      const began = Date.now();
      const { exitCode, stdout, stderr } = await execa(...command, {
        cwd: checkout.folder,
        env: environment,
        reject: false,
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      const [first, ...others] = stderr.split('\n');
      expect(first).toBe(`installing packages in ${checkout.folder} with npm ci, once …`);
      expect(others).toEqual([
        expect.stringMatching(
          /^error: npm ci failed in .*: request to .* failed, reason: connect ECONNREFUSED 127\.0\.0\.1:1$/,
        ),
        '  hint: run npm ci there to see everything it says',
      ]);
      expect(Date.now() - began).toBeLessThan(20_000);
    },
  );

  test.each(commands)('%s %j tells a user without write permission so', async (...command) => {
    const { run, restore } = await anotherUser(checkout.folder, checkout.path('home'));
    const options = { cwd: checkout.folder, reject: false, env: { HOME: checkout.path('home') }, ...run };
    const { exitCode, stdout, stderr } = await execa(...command, options);
    await restore();
    await rm(checkout.path('home'), { recursive: true });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(
      `error: the packages of ${checkout.folder} are not installed, and this user may not write there\n` +
        '  hint: run npm ci there as its owner, or clone the repository into a folder of your own',
    );
  });

  test('says if npm is missing', async () => {
    const { exitCode, stderr } = await execa(process.execPath, ['cli/launch/launch.cjs', 'list'], {
      cwd: checkout.folder,
      reject: false,
      env: { PATH: '/nonexistent' },
      extendEnv: false,
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining(
        'error: npm cannot be run: spawnSync npm ENOENT\n  hint: npm comes with Node.js',
      ) as string,
    });
  });
});
