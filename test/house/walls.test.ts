import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Room {
  /** "adapter/http/" */
  readonly folder: string;
  readonly mayImport: (other: string) => boolean;
}

const rooms = readTable();
let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'modelwhisk-walls-'));
  await copyFile(join(root, '.oxlintrc.json'), join(copy, '.oxlintrc.json'));
});
afterEach(async () => rm(copy, { recursive: true }));

test('the linter allows exactly the imports between folders that CONTRIBUTING allows', async () => {
  const pairs = rooms.flatMap((from) => rooms.filter((to) => to !== from).map((to) => ({ from, to })));
  const files = pairs.flatMap(({ from, to }) =>
    ['', 'inner/'].map((depth) => ({ file: `${from.folder}${depth}${nameOf(to.folder)}.ts`, from, to })),
  );
  for (const { file, to } of files)
    await write(file, importOf(file, to.folder === 'adapter/' ? 'adapter/main.ts' : `${to.folder}x.ts`));
  const found = await lint('no-restricted-imports');
  const expected = files.filter(({ from, to }) => !from.mayImport(to.folder)).map(({ file }) => file);
  expect([...found].toSorted()).toEqual(expected.toSorted());
  expect(expected.length).toBeGreaterThan(100);
});

test('the linter refuses a circle, even of types alone', async () => {
  await write('core/one.ts', "import type { Two } from './two.ts';\nexport type One = Two | 1;\n");
  await write('core/two.ts', "import type { One } from './one.ts';\nexport type Two = One | 2;\n");
  await write('core/three.ts', "import type { One } from './one.ts';\nexport type Three = One | 3;\n");
  expect([...(await lint('no-cycle'))].toSorted()).toEqual(['core/one.ts', 'core/two.ts']);
});

test('CONTRIBUTING names every folder of sources, and no other', () => {
  const folders = ['.', 'adapter', 'image'].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|dist|docs)$/.test(entry.name))
      .map((entry) => `${parent === '.' ? '' : `${parent}/`}${entry.name}/`),
  );
  expect(rooms.map(({ folder }) => folder).toSorted()).toEqual(
    folders.filter((folder) => folder !== 'image/').toSorted(),
  );
});

/** The rows of CONTRIBUTING's table. */
function readTable(): readonly Room[] {
  const [, table = ''] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split('## Where things are\n\n');
  const rows = (table.split('\n\n')[0] ?? '').split('\n').slice(2);
  return rows.map((row) => {
    const [, first = '', , last = ''] = row.split(/ *\| */);
    const names = new Set([...last.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    const isFree = last === 'everything';
    const hasAdapter = last.includes('all of the adapter');
    return {
      folder: first.replaceAll('`', ''),
      mayImport: (other) => isFree || names.has(other) || (hasAdapter && other.startsWith('adapter/')),
    };
  });
}

/** The files with findings of one rule of the linter. */
async function lint(rule: string): Promise<ReadonlySet<string>> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout } = await execa(process.execPath, [oxlint, '--format', 'json'], {
    cwd: copy,
    reject: false,
    // The linter looks for tsgolint on the PATH, which not every runner of tests sets.
    preferLocal: true,
    localDir: root,
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  return new Set(diagnostics.filter(({ code }) => code.includes(`(${rule})`)).map(({ filename }) => filename));
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(copy, file)), { recursive: true });
  await writeFile(join(copy, file), text);
}

function importOf(file: string, target: string): string {
  return `import { x } from '${relative(dirname(file), target)}';\nexport const y = x;\n`;
}

function nameOf(folder: string): string {
  return folder.replaceAll('/', '-');
}
