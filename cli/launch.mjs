// @ts-check
// What the first line of build.ts runs: build.ts, bundled into one file of JavaScript, which starts in a quarter of the
// time and half of the memory that tsx needs for the sources. The bundle is kept in node_modules/.cache, and made anew
// when one of the sources has changed; beside it what V8 compiled of it. `npx tsx build.ts` does the same without any
// of this.
// A young generation of 1 MB, set there too, keeps 20 MB of spent buffers out of memory when a layer is made or sent.
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { constants, Script } from 'node:vm';
import { cached, writeWhole } from '../image/layers/build-cache.mjs';

const root = join(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache/modelwhisk');

/** @returns {Promise<import('../image/layers/build-cache.mjs').Made<string>>} */
async function bundle() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'build.ts')],
    absWorkingDir: root,
    outdir: cache,
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    // V8 keeps the compiled form of scripts for us, but not of ES modules.
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['esbuild'],
    // Fewer bytes to read at each start, and all of them ASCII.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [asScript],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outputs = outputFiles.map(({ path }) => path);
  for (const name of await readdir(cache).catch(() => [])) {
    const former = join(cache, name);
    if (/\.(cjs|compiled)$/.test(name) && !outputs.includes(former)) await rm(former, { force: true });
  }
  for (const { path, contents } of outputFiles) await writeWhole(path, contents);
  const sources = Object.keys(metafile.inputs).filter((path) => !path.startsWith('node_modules/'));
  const inputs = [...sources.map((path) => join(root, path)), import.meta.filename, installed];
  return { value: String(outputs[0]), inputs, outputs };
}

/** npm writes it whenever it installs something: it stands for all packages, esbuild among them. */
const installed = join(root, 'node_modules/.package-lock.json');

/**
 * Sources find the project's files by where they lie themselves; only a file, not a part of one, may begin with "#!".
 *
 * @type {import('esbuild').Plugin}
 */
const asScript = {
  name: 'as a script',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = (await readFile(path, 'utf8')).replace(/^#!.*/, '');
      return { loader: 'ts', contents: source.replaceAll('import.meta.dirname', JSON.stringify(dirname(path))) };
    });
  },
};

/** @param {string} path of the bundle */
function run(path) {
  const compiled = `${path}.compiled`;
  const script = new Script(`(function (require, module) {${readFileSync(path, 'latin1')}\n})`, {
    filename: path,
    cachedData: existsSync(compiled) ? readFileSync(compiled) : undefined,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()(createRequire(path), { exports: {} });
  // True where another version of Node.js made it, undefined where there was none.
  if (script.cachedDataRejected === false) return;
  // At the end, so that the functions are in it that were needed.
  process.once('beforeExit', () => void writeWhole(compiled, script.createCachedData()).catch(() => undefined));
}

/** A checkout that belongs to somebody else can only be run as it is. @param {unknown} error */
async function runSources(error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code !== 'EACCES' && code !== 'EROFS') throw error;
  const { register } = await import('tsx/esm/api');
  register();
  await import('../build.ts');
}

await cached(join(cache, 'build.json'), bundle).then(run, runSources);
