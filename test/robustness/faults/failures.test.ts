import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync(import.meta.dirname).map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
const document = readFileSync(join(import.meta.dirname, '../../../docs/failures.md'), 'utf8');

/** The lines of all tables but their heads, as "what happens: what the caller sees". */
const lines = document
  .split(/^\|(?: -+ \|)+$/m)
  .slice(1)
  .flatMap((table) => [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)])
  .map(([, fault, sees]) => `${fault}: ${sees}`);

test('docs/failures.md has its three tables', () => {
  expect(lines.length).toBeGreaterThan(40);
});

test.each(lines)('the line "%s" is the title of a test', (line) => {
  expect(sources.some((source) => source.includes(line))).toBe(true);
});
