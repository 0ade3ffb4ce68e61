import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tracked = execaSync('git', ['ls-files'], { cwd: root })
  .stdout.split('\n')
  .filter((file) => existsSync(join(root, file)));

/** Comments cite files by paths with a slash and one of these endings. Paths in an image begin with modelwhisk/. */
const path = /(?<![\w:/.@$-])(?!modelwhisk\/)[\w.@-]+(?:\/[\w.@-]+)+\.(?:md|ts|mjs|cjs|json|jsonl|sh|py|c)\b/g;

const sources = tracked.filter((file) => ['.ts', '.mjs', '.cjs'].includes(extname(file)));
const documents = tracked.filter((file) => file.endsWith('.md'));

test('every file that a comment cites is in the repository', () => {
  const missing = sources.flatMap((file) =>
    commentsOf(file).flatMap((line) =>
      [...line.matchAll(path)]
        .map(([cited]) => cited)
        .filter((cited) => !isHere(file, cited))
        .map((cited) => `${file}: ${cited}`),
    ),
  );
  expect(missing).toEqual([]);
});

test('every link of a document leads to a file of the repository', () => {
  const broken = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !existsSync(join(root, dirname(file), link)))
      .map((link) => `${file}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('every npm script that a document names installs what it needs on a fresh clone', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map(([, name = '']) => name),
  );
  expect(named).toContain('bench');
  const without = [...new Set(named)].filter(
    (name) => name in scripts && scripts[`pre${name}`] !== 'node scripts/install.cjs',
  );
  expect(without).toEqual([]);
});

function isHere(file: string, cited: string): boolean {
  return (
    existsSync(join(root, cited)) ||
    existsSync(join(root, dirname(file), cited)) ||
    tracked.some((each) => each.endsWith(`/${cited}`))
  );
}

function commentsOf(file: string): readonly string[] {
  return read(file)
    .split('\n')
    .filter((line) => /^\s*(\/\/|\/?\*)/.test(line))
    .map((line) => line.replaceAll(/https?:\/\/\S+/g, ''));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
