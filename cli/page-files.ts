import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PageFile, PageFiles } from '../gateway/page/page.ts';
import type { Installation } from './installation.ts';

/** The files of the gateway's page by path, bundled from the sources or read from the npm package. */
export async function loadPage({ page }: Pick<Installation, 'page'>): Promise<PageFiles> {
  const bundled = page.isSource ? await bundlePage(page.folder) : new Map<string, Uint8Array>();
  const read = async (name: string): Promise<PageFile> => ({
    contentType: types[name.replace(/^.*\./, '')] ?? 'application/octet-stream',
    content: bundled.get(name) ?? (await readFile(join(page.folder, name))),
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
