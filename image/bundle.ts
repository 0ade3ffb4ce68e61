import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Metafile, type OutputFile } from 'esbuild';
import type { LayerFile } from './layers.ts';

const root = join(import.meta.dirname, '..');

/**
 * Bundles the adapter into what the adapter layer holds: `modelwhisk/adapter/main.mjs`, a chunk for each part that is
 * loaded on demand, and the licences of the packages inside. The same sources give the same bytes.
 *
 * @param entry TypeScript file to start from
 */
export async function bundleAdapter(entry?: string): Promise<LayerFile[]> {
  const { outputFiles, metafile } = await buildAdapter(entry);
  const licences = new TextEncoder().encode(await licencesOf(metafile));
  return [
    ...outputFiles.map(({ path, contents }) => layerFile(relative(join(root, 'dist/adapter'), path), contents)),
    layerFile('LICENCES.txt', licences),
  ];
}

/** The bundle in memory, with what esbuild tells about its parts. */
export async function buildAdapter(
  entry: string = join(root, 'adapter/main.ts'),
): Promise<{ readonly outputFiles: readonly OutputFile[]; readonly metafile: Metafile }> {
  return build({
    entryPoints: { main: entry },
    absWorkingDir: root,
    outdir: join(root, 'dist/adapter'),
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    legalComments: 'none',
    // CommonJS packages inside an ES module still ask for Node's own modules with require().
    banner: {
      js: "import{createRequire as modelwhiskRequire}from'node:module';const require=modelwhiskRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
}

function layerFile(name: string, bytes: Uint8Array): LayerFile {
  return { path: `modelwhisk/adapter/${name}`, bytes, executable: false };
}

/** The licence texts of all packages that the bundle contains, one after the other. */
async function licencesOf(metafile: Metafile): Promise<string> {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => packageFolder.exec(path)?.[0] ?? []));
  const texts = [...folders].toSorted().map(async (folder) => {
    const names = (await readdir(join(root, folder))).filter((name) => licenceFile.test(name)).toSorted();
    const licences = await Promise.all(names.map(async (name) => readFile(join(root, folder, name), 'utf8')));
    const { name, version, license } = JSON.parse(
      await readFile(join(root, folder, 'package.json'), 'utf8'),
    ) as Readonly<Record<string, unknown>>;
    return [`${String(name)} ${String(version)} (${String(license)})`, ...licences].join('\n\n');
  });
  return `${(await Promise.all(texts)).join('\n\n----\n\n')}\n`;
}

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const licenceFile = /^(licen[cs]e|notice|copying)/i;
