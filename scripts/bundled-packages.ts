import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildAdapter } from '../image/layers/bundle.ts';

/** A package whose code is in the adapter's bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Its folder, relative to the repository. */
  readonly folder: string;
  /** Names of the packages that import it. "" is the adapter itself. */
  readonly importers: readonly string[];
}

const root = join(import.meta.dirname, '..');

/** The packages in the adapter layer, by name. */
export function bundledPackages(): Promise<readonly BundledPackage[]> {
  packages ??= findPackages();
  return packages;
}

/** Cached, because bundling takes a second. */
let packages: Promise<readonly BundledPackage[]> | undefined;

async function findPackages(): Promise<readonly BundledPackage[]> {
  const { inputs } = await buildAdapter();
  const importers = importersOf(inputs);
  const found = [...importers.keys()].map(async (folder) => {
    const { name, version, license } = await manifestOf(folder);
    const from = [...(importers.get(folder) ?? [])].map(async (each) =>
      each === '' ? '' : (await manifestOf(each)).name,
    );
    return { name, version, licence: license, folder, importers: (await Promise.all(from)).toSorted() };
  });
  return (await Promise.all(found)).toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** For each package's folder, the folders of the packages that import it. "" is the adapter itself. */
function importersOf(inputs: Metafile['inputs']): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  for (const [path, { imports }] of Object.entries(inputs)) {
    const from = folderOf(path);
    for (const imported of imports) {
      const to = folderOf(imported.path);
      if (to !== '' && to !== from) importers.set(to, (importers.get(to) ?? new Set()).add(from));
    }
  }
  return importers;
}

/** The package's folder, or "" for the adapter's own sources. These name packages by their file in the bundle. */
function folderOf(path: string): string {
  const apart = /^\.\/packages\/((?:@[^/]+\/)?[^/]+?)(?:\/.*)?\.cjs$/.exec(path)?.[1];
  if (apart !== undefined) return `node_modules/${apart}`;
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '';
}

async function manifestOf(folder: string): Promise<{ name: string; version: string; license: string }> {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Awaited<
    ReturnType<typeof manifestOf>
  >;
}
