import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pipe } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { decompressor } from './decompress.ts';
import { ByteCounter, type Progress } from '../../progress.ts';
import type { NodeImage } from '../../layers/layers.ts';
import { formatBytes } from '../../format-bytes.ts';
import { readImage } from '../../registry/image.ts';
import type { Descriptor } from '../../registry/manifest.ts';
import { parseReference } from '../../../core/reference.ts';
import type { Registries } from '../../registry/registries.ts';
import type { Repository } from '../../registry/repository.ts';

export interface NodeImageOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The file system of a Node image, straight from its registry. A reference with a digest is asked about only when the
 * files are wanted, so that a cached runtime layer needs no network.
 */
export async function registryNodeImage(
  registries: Registries,
  name: string,
  platform: string,
  { progress, signal }: NodeImageOptions,
): Promise<NodeImage> {
  const reference = parseReference(name);
  const { digest } = reference;
  const repository = registries.openForPull(reference, signal);
  const read = async (): ReturnType<typeof readImage> => readImage(repository, reference, platform);
  return {
    id: digest === undefined ? (await read()).digest : `${digest} ${platform}`,
    platform,
    async *layers(scratch) {
      const { layers } = (await read()).manifest;
      const bytes = layers.reduce((sum, { size }) => sum + size, 0);
      progress(`fetching Node.js from ${name}, ${formatBytes(bytes)}`);
      const counter = new ByteCounter(bytes, (amount) => progress('fetching Node.js', amount));
      for (const layer of layers) yield* unpackedLayer(repository, layer, counter, scratch);
    },
  };
}

/** It is kept in a file until its digest has been verified, and unpacked only then. */
async function* unpackedLayer(
  repository: Repository,
  layer: Descriptor,
  counter: ByteCounter,
  folder: string,
): AsyncGenerator<ReadableStream<Uint8Array>> {
  const unpack = decompressor(layer.mediaType);
  const file = join(folder, randomUUID());
  const open = counter.counting(async () => repository.openBlob(layer));
  try {
    await repository.retry(async () => pipeline(await open(), createWriteStream(file)));
    const tar = pipe(createReadStream(file), unpack, () => undefined);
    yield ReadableStream.from<Uint8Array>(tar);
  } finally {
    await rm(file, { force: true });
  }
}
