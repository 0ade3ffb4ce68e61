import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('every platform has a contract suite, and every suite stands in the table', () => {
  const platforms = foldersOf('adapter/platforms').filter((name) => !name.startsWith('_'));
  const tested = platforms.filter((name) => existsSync(join(root, 'test/adapter/platforms', name, 'contract.test.ts')));
  expect(tested).toEqual(platforms);
  const source = readFileSync(join(import.meta.dirname, 'platform-suites.ts'), 'utf8');
  expect(platforms.filter((name) => !source.includes(`/${name}/contract.ts`))).toEqual([]);
});

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
