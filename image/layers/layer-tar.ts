import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createTarPacker, type TarHeader } from 'modern-tar';
import { withWorkFolder } from './work-folder.ts';

/** One file of a layer. Owner is always root, the times are always the same: equal files make equal layers. */
export interface LayerFile {
  /** Relative to the image's root, for example "modelwhisk/runtime/node". */
  readonly path: string;
  readonly executable: boolean;
  /** In bytes. */
  readonly size: number;
  readonly open: () => Readable;
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

/**
 * Packs files into a tar in `folder`, which appears only once it is whole: sorted by path, folders made explicit, owner
 * root, nothing set-uid or writable by others, one fixed time, so that the same files give the same bytes on every
 * machine. Memory does not depend on their size.
 *
 * @param name what the tar's name begins with; a part of its digest follows
 */
export async function writeLayer(
  files: readonly LayerFile[],
  folder: string,
  name: string,
  signal?: AbortSignal,
): Promise<Layer> {
  return withWorkFolder(folder, async (work) => {
    const partial = join(work, 'layer.tar');
    const { digest, size } = await writeTar(files, partial, signal);
    const file = join(folder, `${name}-${digest.slice(0, 16)}.tar`);
    await rename(partial, file);
    return { file, diffId: `sha256:${digest}`, size };
  });
}

/**
 * A tar of these files, in their order and without any other entry. It fails with the error of the first file that
 * cannot be read.
 */
export function packFiles(files: readonly LayerFile[]): Readable {
  return packed(files.map(fileEntry));
}

async function writeTar(
  files: readonly LayerFile[],
  to: string,
  signal: AbortSignal | undefined,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  };
  await pipeline(packed(entriesOf(files)), measure, createWriteStream(to), { signal });
  return { digest: hash.digest('hex'), size };
}

function packed(entries: readonly Entry[]): Readable {
  const { readable, controller } = createTarPacker();
  const pack = async (): Promise<void> => {
    try {
      for (const { header, open } of entries) {
        await ReadableStream.from<Uint8Array>(open()).pipeTo(controller.add(header));
      }
      controller.finalize();
    } catch (error) {
      // This makes the reader fail with it.
      controller.error(error);
    }
  };
  void pack();
  return Readable.from(readable);
}

interface Entry {
  readonly header: TarHeader;
  readonly open: () => Readable;
}

function entriesOf(files: readonly LayerFile[]): readonly Entry[] {
  const folders = new Set(files.flatMap(({ path }) => parents(path)));
  const entries: Entry[] = [
    ...[...folders].map((path) => ({
      header: headerOf(`${path}/`, 'directory', 0o755, 0),
      open: () => Readable.from([]),
    })),
    ...files.map(fileEntry),
  ];
  return entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.header.name), Buffer.from(b.header.name)));
}

function fileEntry({ path, executable, size, open }: LayerFile): Entry {
  return { header: headerOf(path, 'file', executable ? 0o755 : 0o644, size), open };
}

/** One second into 1970, as in jib: some tools treat a time of 0 as missing. */
const mtime = new Date(1000);

function headerOf(name: string, type: 'file' | 'directory', mode: number, size: number): TarHeader {
  return { name, type, mode, size, mtime, uid: 0, gid: 0, uname: '', gname: '' };
}

function parents(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...parents(folder), folder];
}
