import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cached } from './build-cache.mjs';
import type { AdapterBundle } from './bundle.ts';
import { initFiles } from './init.ts';
import { type Layer, type LayerFile, writeLayer } from './layer-tar.ts';
import { readBundle } from './read-bundle.ts';
import { runtimeFiles, runtimeLayout } from './runtime.ts';
import { withWorkFolder, writingToCache } from './work-folder.ts';

/** The Node image that the runtime layer is taken from. */
export interface NodeImage {
  /** Names the content for the cache: a digest. */
  readonly id: string;
  /** For example "linux/amd64". */
  readonly platform: string;
  /**
   * The uncompressed tars of its file system, bottom layer first; read only when the cache has no runtime layer.
   *
   * @param scratch a folder for files that are needed meanwhile
   */
  layers(scratch: string): AsyncIterable<ReadableStream<Uint8Array>>;
}

export interface LayerOptions {
  /** Folder that keeps what is slow to make between runs. It may not exist yet. */
  readonly cacheFolder: string;
  /**
   * TypeScript file that the adapter layer is bundled from: the project's adapter/main.ts, or a stand-in in tests; or the
   * folder of a bundle made before.
   */
  readonly adapterEntry: string;
}

/**
 * Makes the two layers that every image gets, or takes them from the cache.
 *
 * @throws ModelwhiskError code `CACHE` where the cache is full or cannot be written
 */
export async function prepareLayers(
  nodeImage: NodeImage,
  { cacheFolder, adapterEntry }: LayerOptions,
  signal?: AbortSignal,
): Promise<{ readonly runtime: Layer; readonly adapter: Layer }> {
  const record = (name: string, from: string): string => join(cacheFolder, `${name}-${hashOf(from)}.json`);
  const [runtime, adapter] = await writingToCache(cacheFolder, async () =>
    Promise.all([
      cached(record('runtime', `${nodeImage.id} ${runtimeLayout}`), async () => {
        const init = await initFiles(nodeImage.platform);
        const value = await makeRuntimeLayer(nodeImage, init, cacheFolder, signal);
        return { value, inputs: init.map(({ source }) => source), outputs: [value.file] };
      }),
      cached(record('adapter', adapterEntry), async () => {
        const { files, sources } = await adapterBundle(adapterEntry);
        const value = await writeLayer(files.map(inMemory), cacheFolder, 'adapter', signal);
        return { value, inputs: sources, outputs: [value.file] };
      }),
    ]),
  );
  return { runtime, adapter };
}

async function adapterBundle(entry: string): Promise<AdapterBundle> {
  if (!entry.endsWith('.ts')) return readBundle(entry);
  // esbuild takes longer to start than an image to be pushed.
  const { bundleAdapter } = await import('./bundle.ts');
  return bundleAdapter(entry);
}

async function makeRuntimeLayer(
  nodeImage: NodeImage,
  init: readonly LayerFile[],
  cacheFolder: string,
  signal: AbortSignal | undefined,
): Promise<Layer> {
  return withWorkFolder(cacheFolder, async (scratch) => {
    const files = await runtimeFiles(nodeImage.layers(scratch), scratch, signal);
    return writeLayer([...files, ...init], cacheFolder, 'runtime', signal);
  });
}

function inMemory({ path, bytes }: { readonly path: string; readonly bytes: Uint8Array }): LayerFile {
  return { path, executable: false, size: bytes.byteLength, open: () => Readable.from([bytes]) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
