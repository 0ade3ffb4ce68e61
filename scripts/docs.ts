// Writes the pages of docs/ that come from the code: npm run docs
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allSuites } from '../test/contract/platform-suites.ts';
import { platformTable } from '../test/contract/platform-table.ts';
import { dependenciesPage } from './dependencies.ts';
import { settingsPage } from './settings.ts';

const root = join(import.meta.dirname, '..');

/** The content of every page that comes from the code, by path. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/dependencies.md': await dependenciesPage(),
    'docs/platforms.md': withTable(await readFile(join(root, 'docs/platforms.md'), 'utf8'), platformTable(allSuites)),
    'docs/settings.md': settingsPage(),
  };
}

/** Replaces the first table of a page. */
function withTable(page: string, table: string): string {
  return page.replace(/(?<=^|\n)\|[^]*?\n(?=\n)/, () => table);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await generatedPages())) await writeFile(join(root, path), text);
}
