// Writes the content of the npm package, except the adapter, to dist: the program, the pages and the digits example in
// JavaScript. npm pack runs it.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { bundleProgram } from '../cli/launch/bundle.mjs';
import { bundlePage } from '../cli/page-files.ts';
import { licencesOf } from '../image/layers/licences.ts';

const root = join(import.meta.dirname, '..');
const program = join(root, 'dist/program');
const page = join(root, 'dist/page');
const digits = join(root, 'dist/digits');
const example = join(root, 'examples/digits');

await rm(program, { recursive: true, force: true });
const { outputFiles, inputs } = await bundleProgram({
  folderOf: (path) => {
    const address = JSON.stringify(`../../${relative(root, dirname(path))}`);
    return `require('node:url').fileURLToPath(new URL(${address},import.meta.url))`;
  },
});
for (const { path, contents } of outputFiles) await write(join(program, relative(root, path)), contents);
await write(join(program, 'LICENCES.txt'), await licencesOf(inputs));

for (const name of ['.', 'azure']) {
  const source = join(root, 'page', name);
  await write(join(page, name, 'index.html'), await readFile(join(source, 'index.html')));
  for (const [file, contents] of await bundlePage(source)) await write(join(page, name, file), contents);
}

await rm(digits, { recursive: true, force: true });
await execa('tsc', ['-p', join(example, 'tsconfig.build.json'), '--outDir', join(digits, 'dist')], {
  cwd: root,
  preferLocal: true,
});
await mkdir(join(digits, 'samples'));
for (const name of ['model.onnx', 'samples/7.png']) await copyFile(join(example, name), join(digits, name));
await write(join(digits, 'package.json'), printed(withoutDevelopment(await readJson('package.json'))));
await write(
  join(digits, 'package-lock.json'),
  printed(withoutDevelopmentPackages(await readJson('package-lock.json'))),
);

interface Manifest {
  readonly devDependencies?: unknown;
  readonly scripts?: unknown;
}

interface Lock {
  readonly packages: Readonly<Record<string, Manifest & { readonly dev?: boolean }>>;
}

function withoutDevelopment(manifest: Manifest): object {
  return { ...manifest, devDependencies: undefined, scripts: undefined };
}

function withoutDevelopmentPackages(lock: Manifest): object {
  const { packages } = lock as Lock;
  const kept = Object.entries(packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, entry]) => [path, path === '' ? withoutDevelopment(entry) : entry]);
  return { ...lock, packages: Object.fromEntries(kept) as object };
}

async function readJson(name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(example, name), 'utf8')) as Manifest;
}

function printed(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
