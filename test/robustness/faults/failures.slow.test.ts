import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { lacks } from '../../support/requirements.ts';

const root = join(import.meta.dirname, '../../..');
const lines = linesOf(readFileSync(join(root, 'docs/failures.md'), 'utf8'));

/** The lines of all tables without their heads, as "what happens: what the caller sees". */
function linesOf(document: string): string[] {
  return document
    .split(/^\|(?: -+ \|)+$/m)
    .slice(1)
    .flatMap((table) => [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)])
    .map(([, fault, sees]) => `${fault}: ${sees}`);
}

test('docs/failures.md has its three tables', () => {
  expect(lines.length).toBeGreaterThan(40);
});

// Vitest lists the tests that it would run, without skipped and commented ones. The run itself shows whether they pass.
test('each line is the title of a test that runs', () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = ['start', 'calls', 'container'].map((name) => join(import.meta.dirname, `${name}.slow.test.ts`));
  const { stdout } = execaSync(process.execPath, [vitest, 'list', ...files, '--json'], { cwd: root });
  const titles = new Set((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name.split(' > ').at(-1)));
  const canMount = !lacks('the right to mount (root, and unshare of util-linux)');
  const expected = lines.filter((line) => canMount || !line.startsWith('/tmp is full'));
  expect(expected.filter((line) => !titles.has(line))).toEqual([]);
});
