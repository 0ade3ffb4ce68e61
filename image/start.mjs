// @ts-check
// What the first line of build.ts runs: build.ts, bundled into one file of JavaScript, which starts in a quarter of the
// time and half of the memory that tsx needs for the sources. The bundle is kept in node_modules/.cache, and made anew
// when one of the sources has changed. `npx tsx build.ts` does the same without any of this.
// A young generation of 1 MB, set there too, keeps 20 MB of spent buffers out of memory when a layer is made or sent.
import { readdir, readFile, rm } from 'node:fs/promises';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached, writeWhole } from '../core/build-cache.mjs';

const root = join(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache/modelwhisk');

/** @returns {Promise<import('../core/build-cache.mjs').Made<string>>} */
async function bundle() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'build.ts')],
    absWorkingDir: root,
    outdir: cache,
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['esbuild'],
    plugins: [ownFolders],
    // CommonJS packages inside an ES module still ask for Node's own modules with require().
    banner: { js: "import * as Module from 'node:module'; const require = Module.createRequire(import.meta.url);" },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outputs = outputFiles.map(({ path }) => path);
  for (const name of await readdir(cache).catch(() => [])) {
    const former = join(cache, name);
    if (name.endsWith('.mjs') && !outputs.includes(former)) await rm(former, { force: true });
  }
  for (const { path, contents } of outputFiles) await writeWhole(path, contents);
  const sources = Object.keys(metafile.inputs).map((path) => join(root, path));
  return { value: String(outputs[0]), inputs: [...sources, import.meta.filename, installed], outputs };
}

/** npm writes it whenever it installs something: another version of a package, or of esbuild. */
const installed = join(root, 'node_modules/.package-lock.json');

/** Sources find the project's files by where they lie themselves. @type {import('esbuild').Plugin} */
const ownFolders = {
  name: 'own folders',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { loader: 'ts', contents: source.replaceAll('import.meta.dirname', JSON.stringify(dirname(path))) };
    });
  },
};

/** A checkout that belongs to somebody else can only be run as it is. @type {(error: unknown) => Promise<string>} */
async function sourcesWhereReadOnly(error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code !== 'EACCES' && code !== 'EROFS') throw error;
  const { register } = await import('tsx/esm/api');
  register();
  return join(root, 'build.ts');
}

const program = await cached(join(cache, 'build.json'), bundle).catch(sourcesWhereReadOnly);
// Node.js 22.1 and later; not yet in the types of the Node.js that is required.
/** @type {{ enableCompileCache?: (folder: string) => void }} */ (module).enableCompileCache?.(cache);
await import(pathToFileURL(program).href);
