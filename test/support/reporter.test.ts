import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
let folder: string;

/** A separate project with this reporter, inside the checkout so that it finds vitest. */
beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  folder = await mkdtemp(join(root, '.cache/reporter-'));
  await mkdir(join(folder, 'test'));
  const config = `import { ClosingReporter } from ${JSON.stringify(join(root, 'test/support/reporter.ts'))};
export default {
  test: {
    reporters: ['default', new ClosingReporter(undefined, () => false)],
    projects: [{ extends: true, test: { name: 'quick', include: ['test/*.test.ts'], exclude: ['**/*.slow.test.ts'] } }],
  },
};
`;
  await writeFile(join(folder, 'vitest.config.ts'), config);
  const tests = "import { test } from 'vitest';\ntest('one', () => {});\ntest.skip('two', () => {});\n";
  await writeFile(join(folder, 'test/some.test.ts'), tests);
  await writeFile(join(folder, 'test/other.slow.test.ts'), '');
});
afterAll(async () => rm(folder, { recursive: true }));

async function run(CI: string): Promise<{ readonly exitCode?: number; readonly stdout: string }> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  return execa(process.execPath, [vitest, 'run', '--root', folder, '--project', 'quick'], {
    cwd: folder,
    env: { CI, NO_COLOR: '1' },
    reject: false,
  });
}

test('the end of a run lists skipped tests, and the command that runs them', async () => {
  const { exitCode, stdout } = await run('');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Not run: 1 files of slow tests\..*\nTo run them too: npm run test:all\nSkipped: 1 tests\./m);
  expect(stdout).not.toContain('The slowest files');
});

test('in CI it lists the slowest files and counts, and a skipped test fails the run', async () => {
  const { exitCode, stdout } = await run('true');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^skipped in CI: test\/some\.test\.ts > two$/m);
  expect(stdout).toMatch(/^The slowest files:\n +[\d.]+ s {2}test\/some\.test\.ts\n1 passed, 0 failed, 1 skipped$/m);
});
