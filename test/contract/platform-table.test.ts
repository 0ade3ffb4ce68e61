import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { line, platformTable } from './platform-table.ts';
import { allSuites } from './platform-suites.ts';

const root = join(import.meta.dirname, '../..');

test('the table in docs/platforms.md is what the contract suite checks', () => {
  expect(tableOf('docs/platforms.md')).toEqual(platformTable(allSuites));
});

test('every platform has a contract suite, and every suite stands in the table', () => {
  const platforms = foldersOf('adapter/platforms').filter((name) => !name.startsWith('_'));
  const tested = platforms.filter((name) => existsSync(join(root, 'test/adapter/platforms', name, 'contract.test.ts')));
  expect(tested).toEqual(platforms);
  const source = readFileSync(join(import.meta.dirname, 'platform-suites.ts'), 'utf8');
  expect(platforms.filter((name) => !source.includes(`/${name}/contract.ts`))).toEqual([]);
});

/** The table of the contract suite in a document, line by line, without the white space that only aligns it. */
function tableOf(document: string): readonly string[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const from = lines.findIndex((each) => each.startsWith('| through '));
  const to = lines.findIndex((each, index) => index > from && !each.startsWith('|'));
  return lines.slice(from, to).map((each) =>
    line(
      each
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replace(/^ -+ $/, '---')),
    ),
  );
}

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
