// @ts-check
// Bundles the program to JavaScript, which starts four times as fast as the sources with tsx.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cached, writeWhole } from '../../image/layers/build-cache.mjs';

const root = join(import.meta.dirname, '../..');

/**
 * The file to import to run the program. It is cached in node_modules/.cache and made again after a change of a source.
 * If that folder is not writable, it is made only for this process.
 *
 * @param {() => void} install installs the packages for bundling, if they are missing. It is called only before
 *   bundling: changed packages make the bundle outdated.
 * @returns {Promise<string>}
 */
export async function bundledProgram(install) {
  const cache = join(root, 'node_modules/.cache/modelwhisk');
  try {
    const program = await cached(join(cache, 'program.json'), async () => makeProgram(cache), install);
    // Node.js 20 does not have it.
    if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') {
      module.enableCompileCache(join(cache, 'compiled'));
    }
    return program;
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(code)) throw error;
    const folder = mkdtempSync(join(tmpdir(), 'modelwhisk-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return (await makeProgram(folder)).value;
  }
}

/** @type {(folder: string) => Promise<import('../../image/layers/build-cache.mjs').Made<string>>} */
async function makeProgram(folder) {
  const { outputFiles, inputs } = await bundleProgram({
    folderOf: (path) => JSON.stringify(dirname(path)),
    esbuild: import.meta.resolve('esbuild'),
  });
  const id = createHash('sha256');
  for (const { hash } of outputFiles) id.update(hash);
  const to = join(folder, `program-${id.digest('hex').slice(0, 16)}`);
  await removeFormer(folder);
  const outputs = outputFiles.map(({ path }) => join(to, relative(root, path)));
  await Promise.all(outputFiles.map(async ({ contents }, index) => writeWhole(String(outputs[index]), contents)));
  const sources = Object.keys(inputs).filter((path) => !path.startsWith('node_modules/'));
  const locks = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) => join(root, name));
  const makers = [import.meta.filename, ...locks];
  return { value: join(to, 'entry.mjs'), inputs: [...sources.map((path) => join(root, path)), ...makers], outputs };
}

/** Removes programs older than a day, because a younger one may still be in use. @param {string} folder */
async function removeFormer(folder) {
  for (const name of await readdir(folder).catch(() => [])) {
    const former = join(folder, name);
    const { mtimeMs = Date.now() } = name.startsWith('program-') ? await stat(former) : {};
    if (Date.now() - mtimeMs > 24 * 60 * 60 * 1000) await rm(former, { recursive: true, force: true });
  }
}

/**
 * Bundles cli/entry.ts into entry.mjs, with a separate file for each part that is loaded on demand.
 *
 * @param {object} where
 * @param {(path: string) => string} where.folderOf returns an expression for `import.meta.dirname` in a source
 * @param {string} [where.esbuild] the module of esbuild to import, because esbuild finds its binary relative to itself
 */
export async function bundleProgram({ folderOf, esbuild = 'esbuild' }) {
  const { build, stop } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'cli/entry.ts')],
    absWorkingDir: root,
    outdir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // CommonJS packages need `require` for Node's own modules.
    banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
    // Sources find the project's files relative to themselves.
    define: { 'import.meta.dirname': 'sourceFolder' },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [whereSourcesAre(folderOf), esbuildAt(esbuild)],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  // esbuild's process would run as long as this one.
  await stop();
  return { outputFiles, inputs: metafile.inputs };
}

/**
 * Defines `sourceFolder` in each source.
 *
 * @type {(folderOf: (path: string) => string) => import('esbuild').Plugin}
 */
function whereSourcesAre(folderOf) {
  return {
    name: 'where-sources-are',
    setup(esbuild) {
      esbuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        return { loader: 'ts', contents: `const sourceFolder=${folderOf(path)};${source}` };
      });
    },
  };
}

/** @type {(address: string) => import('esbuild').Plugin} */
function esbuildAt(address) {
  return {
    name: 'esbuild-at',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^esbuild$/ }, () => ({ path: address, external: true }));
    },
  };
}
