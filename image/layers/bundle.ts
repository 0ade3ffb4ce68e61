import { join, relative } from 'node:path';
import type { BuildOptions, Metafile, OutputFile, Plugin } from 'esbuild';
import { packageVersion } from './package-version.ts';
import { licencesOf } from './licences.ts';
import { withoutUnused } from './without-unused.ts';

const root = join(import.meta.dirname, '../..');
const output = join(root, 'dist/adapter');

/** What the adapter layer holds. */
export interface AdapterBundle {
  readonly files: readonly BundledFile[];
  /** Every file of this machine that has a part in it. */
  readonly sources: readonly string[];
}

export interface BundledFile {
  /** Relative to the image's root. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Bundles the adapter into what the adapter layer holds: `modelwhisk/adapter/main.cjs`, `opentelemetry.cjs` beside it, a
 * file for each other package in `modelwhisk/adapter/packages`, and the licences of these. The same sources give the
 * same bytes.
 *
 * @param entry TypeScript file to start from
 */
export async function bundleAdapter(entry?: string): Promise<AdapterBundle> {
  const { outputFiles, inputs } = await buildAdapter(entry);
  const licences = new TextEncoder().encode(await licencesOf(inputs));
  const files = [
    ...outputFiles.map(({ path, contents }) => bundledFile(relative(output, path), contents)),
    bundledFile('LICENCES.txt', licences),
  ];
  return { files, sources: [...Object.keys(inputs), ...makers].map((path) => join(root, path)) };
}

/** npm writes the last whenever it installs another version of a package, esbuild included. */
const makers = [
  'image/layers/bundle.ts',
  'image/layers/package-version.ts',
  'package.json',
  'image/layers/licences.ts',
  'image/layers/without-unused.ts',
  'image/layers/layer-tar.ts',
  'node_modules/.package-lock.json',
];

/**
 * The bundle in memory, with what esbuild tells about its sources.
 *
 * It is CommonJS with a file for each package, for a short cold start: Node only reads and compiles what a platform and
 * a model server need, and synchronously. All imports of an ES module are loaded first, through Node's thread pool. In
 * front of an http model server this saved 35 ms of CPU time.
 */
export async function buildAdapter(
  entry: string = join(root, 'adapter/main.ts'),
): Promise<{ readonly outputFiles: readonly OutputFile[]; readonly inputs: Metafile['inputs'] }> {
  // Loaded here, as a cached layer does not need it.
  const { build } = await import('esbuild');
  const names = new Set<string>();
  const modules = new Set<string>();
  const main = await build({
    ...options,
    entryPoints: { main: entry },
    plugins: [openTelemetryApart(modules), packagesApart(names)],
  });
  const packages = await build({
    ...options,
    entryPoints: [...names].toSorted().map((name) => ({ in: name, out: packageFile(name) })),
    plugins: [withoutUnused, packagesShared(names)],
    // To the importer of a CommonJS file, all of its exports are the default one; node-fetch's is a function.
    footer: {
      js: "if(typeof module.exports.default==='function')module.exports=Object.assign(module.exports.default,module.exports);",
    },
  });
  const traces = await build({
    ...options,
    entryPoints: [...modules].map((file) => ({ in: file, out: 'opentelemetry' })),
    // ES modules, of which only what is used goes in: 20 KB compressed in place of 76.
    mainFields: ['module', 'main'],
  });
  return {
    outputFiles: [...main.outputFiles, ...packages.outputFiles, ...traces.outputFiles],
    inputs: { ...packages.metafile.inputs, ...traces.metafile.inputs, ...main.metafile.inputs },
  };
}

const options = {
  absWorkingDir: root,
  outdir: output,
  outExtension: { '.js': '.cjs' },
  write: false,
  metafile: true,
  bundle: true,
  minify: true,
  format: 'cjs',
  platform: 'node',
  target: 'node18',
  define: { 'import.meta.dirname': '__dirname', MODELWHISK_VERSION: JSON.stringify(packageVersion()) },
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Moves OpenTelemetry to a file of its own, and collects the module that names what is used of it. Its packages share
 * so much that a file for each would be four times as large.
 */
function openTelemetryApart(modules: Set<string>): Plugin {
  return {
    name: 'opentelemetry-apart',
    setup(esbuild) {
      esbuild.onResolve({ filter: /\/opentelemetry\.ts$/ }, ({ path, resolveDir }) => {
        modules.add(join(resolveDir, path));
        return { path: './opentelemetry.cjs', external: true };
      });
    },
  };
}

/** Moves imported packages to files of their own, and collects their names. */
function packagesApart(names: Set<string>): Plugin {
  return {
    name: 'packages-apart',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^[@a-z]/i }, ({ path, kind }) => {
        if (kind === 'entry-point' || path.startsWith('node:')) return undefined;
        names.add(path);
        return { path: `./${packageFile(path)}.cjs`, external: true };
      });
    },
  };
}

/** Lets packages share the file of another one, so that there is one instance of it, such as superagent for supertest. */
function packagesShared(names: ReadonlySet<string>): Plugin {
  return {
    name: 'packages-shared',
    setup(esbuild) {
      // Files of scoped packages would lie in folders of their own.
      esbuild.onResolve({ filter: /^[a-z][^/]*$/i }, ({ path, kind }) =>
        kind !== 'entry-point' && names.has(path) ? { path: `./${path}.cjs`, external: true } : undefined,
      );
    },
  };
}

function packageFile(name: string): string {
  return `packages/${name}`;
}

function bundledFile(name: string, bytes: Uint8Array): BundledFile {
  return { path: `modelwhisk/adapter/${name}`, bytes };
}
