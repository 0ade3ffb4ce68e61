import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';

import { ByteCounter, type Progress } from '../../progress.ts';
import type { Layer } from '../../layers/layer-tar.ts';
import { withWorkFolder } from '../../layers/work-folder.ts';
import type { LayerBlob } from './wrap-image.ts';
import { VerifiedStream, type Content } from '../../registry/digest.ts';

/**
 * Compresses a layer for pushing, once: the result stays in the cache under a name that holds both digests.
 * fflate, being JavaScript, gives the same bytes on every machine, which zlib's builds do not (npm/pacote issue 69).
 */
export async function compressLayer(
  { file, diffId, size }: Layer,
  { cacheFolder, createdBy, progress, signal }: CompressOptions,
): Promise<LayerBlob> {
  const compress = async (): Promise<Compressed> => {
    const counter = new ByteCounter(size, (amount) => progress('compressing a layer, once', amount));
    return compressTo(cacheFolder, diffId, async (to) => gzipFile(file, to, counter, signal));
  };
  const found = (await findCompressed(cacheFolder, diffId)) ?? (await compress());
  const { path, content } = found;
  const openVerified = (): VerifiedStream => {
    const stored = createReadStream(path, { highWaterMark: readSize });
    return pipeline(stored, new VerifiedStream(content, `the cache file ${path}`), () => undefined);
  };
  return { ...content, diffId, createdBy, open: openVerified };
}

export interface CompressOptions {
  readonly cacheFolder: string;
  readonly createdBy: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

interface Compressed {
  readonly path: string;
  readonly content: Content;
}

async function findCompressed(folder: string, diffId: string): Promise<Compressed | undefined> {
  const prefix = `${hex(diffId)}-`;
  const names = await readdir(folder).catch(() => []);
  const name = names.find((candidate) => candidate.startsWith(prefix) && candidate.endsWith('.tar.gz'));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  const digest = `sha256:${name.slice(prefix.length, -'.tar.gz'.length)}`;
  return { path, content: { digest, size: (await stat(path)).size } };
}

async function compressTo(
  folder: string,
  diffId: string,
  compress: (to: string) => Promise<Content>,
): Promise<Compressed> {
  return withWorkFolder(folder, async (work) => {
    const partial = join(work, 'layer.tar.gz');
    const content = await compress(partial);
    const path = join(folder, `${hex(diffId)}-${hex(content.digest)}.tar.gz`);
    await rename(partial, path);
    return { path, content };
  });
}

/** Reads in blocks of one size, because the compressed bytes depend on where the blocks end. */
async function gzipFile(from: string, to: string, counter: ByteCounter, signal: AbortSignal): Promise<Content> {
  const hash = createHash('sha256');
  let size = 0;
  const pending: Uint8Array[] = [];
  // Loaded only where a layer is made, once for each version of the adapter.
  const { Gzip } = await import('fflate');
  const gzip = new Gzip({ level: 6, mtime: 0 }, (chunk) => pending.push(chunk));
  const [input, output] = await Promise.all([open(from, 'r'), open(to, 'wx')]);
  const buffer = new Uint8Array(blockSize);
  try {
    for (let last = false; !last;) {
      signal.throwIfAborted();
      const block = await readBlock(input, buffer);
      last = block.length < blockSize;
      gzip.push(block, last);
      counter.add(block.length);
      for (const chunk of pending.splice(0)) {
        hash.update(chunk);
        size += chunk.length;
        await output.writeFile(chunk);
      }
    }
  } finally {
    await Promise.all([input.close(), output.close()]);
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

const blockSize = 1024 * 1024;

/** Sending a layer takes a fifth less time than in the 64 KB that are usual; from 512 KB on it costs memory only. */
const readSize = 256 * 1024;

/** A whole block, or what is left of the file; fflate has copied it by the time that `push` returns. */
async function readBlock(file: FileHandle, block: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  while (filled < blockSize) {
    const { bytesRead } = await file.read(block, filled, blockSize - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}

function hex(digest: string): string {
  return digest.replace(/^sha256:/, '');
}
