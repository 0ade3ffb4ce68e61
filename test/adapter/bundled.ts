import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { bundleAdapter } from '../../image/layers/bundle.ts';
import { initOfThisMachine, initPath } from '../../image/layers/init.ts';

const root = join(import.meta.dirname, '../..');

/** Names the folder of a run's bundles. Vitest's global setup sets it, so that test files share what is made once. */
export const folderVariable = 'TEST_BUNDLES_FOLDER';

/** Path of the adapter's main module, as it stands in an image: Node.js starts it seven times faster than the sources. */
export async function bundledAdapter(): Promise<string> {
  const main = join(bundlesFolder(), 'modelwhisk/adapter/main.cjs');
  adapter ??= existsSync(main) ? Promise.resolve() : writeAdapter(bundlesFolder());
  await adapter;
  return main;
}

let adapter: Promise<void> | undefined;

/** Writes what the adapter layer holds into a folder, and the init that it starts model servers through. */
export async function writeAdapter(folder: string): Promise<void> {
  for (const { path, bytes } of (await bundleAdapter()).files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  if (process.platform === 'linux') await cp(initOfThisMachine, join(folder, initPath));
}

/** Path of a TypeScript module of the tests as one CommonJS file with all that it imports, which Node.js can load. */
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

/** Outside of vitest, as in `npm run fuzz`, the folder goes with the process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'modelwhisk-bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
