import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The folders that cli/launch/bundle.mjs puts into the program. */
const folders = ['azure', 'cli', 'core', 'deploy', 'gateway', 'image'];

/** Packages that the program imports from outside of its bundle. */
const external = new Set(['esbuild']);

test('names are taken by import() from ES modules only: a bundle in parts has none of CommonJS packages', () => {
  const found = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => importsOf(join(folder, file))),
  );
  expect(found.length).toBeGreaterThan(3);
  const wrong = found.filter(({ names, name }) => !external.has(name) && !isDefault(names) && !isEsModule(name));
  expect(wrong).toEqual([]);
});

interface DynamicImport {
  readonly file: string;
  readonly names: string;
  readonly name: string;
}

function importsOf(file: string): DynamicImport[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(
    text.matchAll(/\{([^{}]*)\} = await import\('([^.'][^']*)'\)/g),
    ([, names = '', name = '']): DynamicImport => ({ file, names: names.trim(), name }),
  );
}

function isDefault(names: string): boolean {
  return /^default: \w+$/.test(names);
}

function isEsModule(name: string): boolean {
  if (name.startsWith('node:')) return true;
  const file = fileURLToPath(import.meta.resolve(name));
  if (/\.[cm]js$/.test(file)) return file.endsWith('.mjs');
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly type?: string };
  return type === 'module';
}
