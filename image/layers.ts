import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packTar, type TarHeader } from 'modern-tar';
import { bundleAdapter } from './bundle.ts';
import type { EngineOptions } from './engine.ts';
import { runtimeFiles, runtimeLayout } from './runtime.ts';

/** One file of a layer. Owner is always root, the times are always the same: equal files make equal layers. */
export interface LayerFile {
  /** Relative to the image's root, for example "modelwhisk/runtime/node". */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** An uncompressed tar, as both engines lay it onto a model image. */
export interface Layer {
  /** Path of the tar on this machine. */
  readonly file: string;
  /** Digest of the tar, "sha256:…": what an image configuration lists under `rootfs.diff_ids`. */
  readonly diffId: string;
  /** In bytes. */
  readonly size: number;
}

/** The Node image that the runtime layer is taken from. */
export interface NodeImage {
  /** Names the content for the cache: a digest. */
  readonly id: string;
  /** The uncompressed tars of its file system, bottom layer first; read only when the cache has no runtime layer. */
  layers(): AsyncIterable<ReadableStream<Uint8Array>>;
}

/** Makes the two layers that every image gets, or takes them from the cache. */
export async function prepareLayers(
  nodeImage: NodeImage,
  options: Pick<EngineOptions, 'cacheFolder' | 'adapterEntry'>,
): Promise<{ readonly runtime: Layer; readonly adapter: Layer }> {
  const runtimeName = `runtime-${sha256(`${nodeImage.id} ${String(runtimeLayout)}`).slice(0, 16)}.tar`;
  const runtimeFile = join(options.cacheFolder, runtimeName);
  const [runtime, adapter] = await Promise.all([
    readLayer(runtimeFile).catch(async () => writeLayer(await runtimeFiles(nodeImage.layers()), runtimeFile)),
    bundleAdapter(options.adapterEntry).then(async (files) => {
      const tar = await packLayer(files);
      return storeLayer(tar, join(options.cacheFolder, `adapter-${sha256(tar).slice(0, 16)}.tar`));
    }),
  ]);
  return { runtime, adapter };
}

/** Packs files into a tar at `file`, which appears only once it is whole. */
export async function writeLayer(files: readonly LayerFile[], file: string): Promise<Layer> {
  return storeLayer(await packLayer(files), file);
}

/**
 * The tar of a layer: sorted by path, folders made explicit, owner root, nothing set-uid or writable by others,
 * one fixed time, so that the same files give the same bytes on every machine.
 */
async function packLayer(files: readonly LayerFile[]): Promise<Uint8Array> {
  const folders = new Set(files.flatMap(({ path }) => parents(path)));
  const entries = [
    ...[...folders].map((path) => ({ header: header(`${path}/`, 'directory', 0o755, 0) })),
    ...files.map(({ path, bytes, executable }) => ({
      header: header(path, 'file', executable ? 0o755 : 0o644, bytes.byteLength),
      body: bytes,
    })),
  ];
  return packTar(entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.header.name), Buffer.from(b.header.name))));
}

/** One second into 1970, as jib does: some tools take a time of 0 for no time. */
const mtime = new Date(1000);

function header(name: string, type: 'file' | 'directory', mode: number, size: number): TarHeader {
  return { name, type, mode, size, mtime, uid: 0, gid: 0, uname: '', gname: '' };
}

function parents(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...parents(folder), folder];
}

async function storeLayer(tar: Uint8Array, file: string): Promise<Layer> {
  await mkdir(dirname(file), { recursive: true });
  const diffId = `sha256:${sha256(tar)}`;
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, tar);
  await writeFile(`${file}.digest`, diffId);
  await rename(partial, file);
  return { file, diffId, size: tar.byteLength };
}

/** A tar in the cache; its digest lies beside it, since hashing 110 MB takes longer than pushing an image. */
async function readLayer(file: string): Promise<Layer> {
  const [{ size }, diffId] = await Promise.all([stat(file), readFile(`${file}.digest`, 'utf8')]);
  return { file, diffId, size };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
