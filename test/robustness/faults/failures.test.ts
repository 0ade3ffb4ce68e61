import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync(import.meta.dirname).map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
const root = join(import.meta.dirname, '../../..');
const lines = linesOf(readFileSync(join(root, 'docs/failures.md'), 'utf8'));

/** The lines of all tables but their heads, as "what happens: what the caller sees". */
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

test('the table in the README has lines of it', () => {
  const [, section = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('## When something fails');
  const shown = linesOf(section.split('\n## ')[0] ?? '');
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter((line) => !lines.includes(line))).toEqual([]);
});

test.each(lines)('the line "%s" is the title of a test', (line) => {
  expect(sources.some((source) => source.includes(line))).toBe(true);
});
