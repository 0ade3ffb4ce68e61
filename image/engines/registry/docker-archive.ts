import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { ModelwhiskError } from '../../../core/errors.ts';
import { digestOf, hashing } from '../../hashing.ts';
import { packFiles } from '../../layers/layer-tar.ts';
import { withOutputFolder } from '../../layers/work-folder.ts';
import { inParallel } from '../../parallel.ts';
import { shortReference } from '../../../core/reference.ts';
import { decompressor } from './decompress.ts';
import { configBlob, type SavedBlob, type SavedImage } from './saved-image.ts';

/**
 * Writes an image as `docker save` does, for `docker load`, `podman load` and `skopeo copy docker-archive:FILE`: a tar
 * with the configuration, the layers as tars, and a manifest.json that names them. The file appears when it is
 * complete.
 */
export async function writeDockerArchive(file: string, saved: SavedImage): Promise<void> {
  const { image, layers, name, signal } = saved;
  refuseForeign(saved);
  // Beside the archive, since /tmp may be too small for a model.
  await withOutputFolder(dirname(file), async (scratch) => {
    const blobs = [...new Map(layers.map((blob) => [blob.digest, blob])).values()];
    const tars = await inParallel(blobs, 3, async (blob) => writeTar(scratch, blob, saved));
    const config = configBlob(image);
    const manifest = {
      Config: `${hex(config)}.json`,
      RepoTags: [tagged(shortReference(name))],
      Layers: layers.map(layerPath),
    };
    const bytes = Buffer.from(JSON.stringify([manifest]));
    const whole = join(scratch, 'archive.tar');
    const files = [
      { path: manifest.Config, executable: false, size: config.size, open: () => Readable.from([image.config.bytes]) },
      ...tars,
      { path: 'manifest.json', executable: false, size: bytes.length, open: () => Readable.from([bytes]) },
    ];
    await pipeline(packFiles(files), createWriteStream(whole), { signal });
    await rename(whole, file);
  });
}

/** Rejects if an archive cannot be written there. Makes the folder for it, if it is missing. */
export async function checkDockerArchive(file: string): Promise<void> {
  await withOutputFolder(dirname(file), async () => {
    const found = await lstat(file).catch(() => undefined);
    if (found === undefined || found.isFile()) return;
    throw new ModelwhiskError('OUTPUT', `${file} exists, and is not a regular file`, {
      hint: found.isDirectory() ? `name a file in it: docker-archive:${join(file, 'model.tar')}` : 'name a new file',
    });
  });
}

/** All layers are written uncompressed, because older engines do not load layers that are compressed with zstd. */
async function writeTar(scratch: string, blob: SavedBlob, { retry, signal }: SavedImage): Promise<TarFile> {
  const path = layerPath(blob);
  const file = join(scratch, hex(blob));
  const unpacked = await retry(async () => {
    const hash = createHash('sha256');
    await pipeline(
      await blob.open(),
      decompressor(blob.mediaType),
      (tar) => hashing(hash, tar),
      createWriteStream(file),
      { signal },
    );
    return digestOf(hash);
  });
  if (unpacked !== blob.diffId) {
    throw new ModelwhiskError('OUTPUT', `layer ${blob.digest} is ${unpacked} when unpacked, which its image denies`, {
      hint: 'docker load would refuse it; ask for another base image',
    });
  }
  const { size } = await stat(file);
  return { path, executable: false, size, open: () => createReadStream(file) };
}

/** Docker loads no archive that lacks a layer. */
function refuseForeign({ layers, diffIds }: SavedImage): void {
  const missing = diffIds.length - layers.length;
  if (missing === 0) return;
  throw new ModelwhiskError('OUTPUT', `the base has layers that may not be distributed (${missing})`, {
    hint: 'an archive cannot do without them; write oci:DIR, or push the image',
  });
}

type TarFile = Parameters<typeof packFiles>[0][number];

function layerPath(blob: Pick<SavedBlob, 'digest'>): string {
  return `${hex(blob)}/layer.tar`;
}

function hex({ digest }: Pick<SavedBlob, 'digest'>): string {
  return digest.replace(/^sha256:/, '');
}

/** Docker reads no name without a tag here. */
function tagged(name: string): string {
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
}
