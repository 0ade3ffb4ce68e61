import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { bundleAdapter } from '../../image/layers/bundle.ts';
import { initOfThisMachine, initPath } from '../../image/layers/init.ts';

const root = join(import.meta.dirname, '../..');

/** The variable with the folder of a run's bundles. Vitest's global setup sets it, so that test files share them. */
export const folderVariable = 'TEST_BUNDLES_FOLDER';

/** Path of the adapter's bundled main module, as in an image. It starts seven times as fast as the sources. */
export async function bundledAdapter(): Promise<string> {
  const main = join(bundlesFolder(), 'modelwhisk/adapter/main.cjs');
  adapter ??= existsSync(main) ? Promise.resolve() : writeAdapter(bundlesFolder());
  await adapter;
  return main;
}

let adapter: Promise<void> | undefined;

/** Writes the content of the adapter layer and the init program into a folder. */
export async function writeAdapter(folder: string): Promise<void> {
  for (const { path, bytes } of (await bundleAdapter()).files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  if (process.platform === 'linux') await cp(initOfThisMachine, join(folder, initPath));
}

/** Path of a CommonJS bundle of a TypeScript module of the tests, which Node.js can load. */
export function bundledModule(source: string): Promise<string> {
  const file = join(bundlesFolder(), relative(root, source).replaceAll('/', '-').replace(/\.ts$/, '.cjs'));
  const written = modules.get(file) ?? writeModule(source, file);
  modules.set(file, written);
  return written;
}

const modules = new Map<string, Promise<string>>();

async function writeModule(source: string, file: string): Promise<string> {
  if (existsSync(file)) return file;
  // Another process may write the same one.
  const unfinished = `${file}.${process.pid}`;
  await build({ entryPoints: [source], outfile: unfinished, bundle: true, platform: 'node', format: 'cjs' });
  await rename(unfinished, file);
  return file;
}

function bundlesFolder(): string {
  const shared = process.env[folderVariable];
  if (shared !== undefined) return shared;
  own ??= temporaryFolder();
  return own;
}

let own: string | undefined;

/** Outside vitest, as in `npm run fuzz`, the folder is removed when the process exits. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'modelwhisk-bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
