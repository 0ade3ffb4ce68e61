import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PageFile, PageFiles } from '../page/files.ts';
import type { Installation } from './installation.ts';

/** A page by its folder in page/: the gateway's, or the one of examples/azure. */
export type PageName = '.' | 'azure';

/** The files of a page by path, bundled from the sources or read from the npm package. */
export async function loadPage({ page }: Pick<Installation, 'page'>, name: PageName): Promise<PageFiles> {
  const folder = join(page.folder, name);
  const bundled = page.isSource ? await bundlePage(folder) : new Map<string, Uint8Array>();
  const read = async (file: string): Promise<PageFile> => ({
    contentType: types[file.replace(/^.*\./, '')] ?? 'application/octet-stream',
    content: bundled.get(file) ?? (await readFile(join(folder, file))),
  });
  return new Map([
    ['/', await read('index.html')],
    ['/_page/main.js', await read('main.js')],
    ['/_page/style.css', await read('style.css')],
  ]);
}

/** Bundles main.js and style.css. Returns them by name. */
export async function bundlePage(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.tsx'), join(folder, 'style.css')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
