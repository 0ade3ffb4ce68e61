import { createWriteStream } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import * as z from 'zod';

import { codeOf, ModelwhiskError } from '../../../core/errors.ts';
import { writeWhole } from '../../layers/build-cache.mjs';
import { makeFolder } from '../../layers/make-folder.mjs';
import { withOutputFolder } from '../../layers/work-folder.ts';
import { inParallel } from '../../parallel.ts';
import { oci } from '../../registry/media-types.ts';
import { parseJson } from '../../registry/json.ts';
import { formatReference } from '../../../core/reference.ts';
import { configBlob, type SavedBlob, type SavedImage } from './saved-image.ts';

/**
 * Adds an image to an OCI image layout (image specification 1.1, "Image Layout"), or makes one. The image is added to
 * `index.json` when all of it is written. One of the same name is replaced.
 *
 * skopeo and podman call it `oci:DIR:NAME`, with the NAME that is printed, or `oci:DIR` where it is the only one.
 */
export async function writeOciLayout(folder: string, saved: SavedImage): Promise<void> {
  const { image, layers, signal } = saved;
  const blobs = new Map([configBlob(image), ...layers].map((blob) => [blob.digest, blob]));
  await withOutputFolder(folder, async (scratch) => {
    makeFolder(join(folder, 'blobs/sha256'));
    await inParallel([...blobs.values()], 3, async (blob) => writeBlob(folder, scratch, blob, saved));
    signal.throwIfAborted();
    await writeWhole(blobPath(folder, image.digest), image.bytes);
    await changeIndex(folder, saved);
  });
}

/** Rejects if an image cannot be added to the folder. Makes the folder, if it is missing. */
export async function checkOciLayout(folder: string): Promise<void> {
  await withOutputFolder(folder, async () => readIndex(folder));
}

/** The name of an image in a layout. */
function layoutName({ name }: Pick<SavedImage, 'name'>): string {
  return formatReference(name).replace(/^docker\.io\//, '');
}

async function writeBlob(
  folder: string,
  scratch: string,
  blob: SavedBlob,
  { retry, signal }: SavedImage,
): Promise<void> {
  const path = blobPath(folder, blob.digest);
  if ((await sizeOf(path)) === blob.size) return;
  const partial = join(scratch, basename(path));
  // The stream fails where the bytes are not those of the digest.
  await retry(async () => pipeline(await blob.open(), createWriteStream(partial), { signal }));
  await rename(partial, path);
}

const indexName = 'index.json';

const index = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(z.looseObject({ annotations: z.record(z.string(), z.string()).nullish() })),
});

/** Undefined if the folder has none. */
async function readIndex(folder: string): Promise<z.output<typeof index> | undefined> {
  const text = await readIfPresent(join(folder, indexName));
  if (text === undefined) return undefined;
  const { data } = index.safeParse(parseJson(text));
  if (data !== undefined) return data;
  throw new ModelwhiskError('OUTPUT', `${folder} is not an OCI image layout: it has another index.json`, {
    hint: 'name a new or empty folder',
  });
}

/** One change after the other: several images may be finished at the same time. */
const changes = new Map<string, Promise<void>>();

async function changeIndex(folder: string, saved: SavedImage): Promise<void> {
  const before = changes.get(folder) ?? Promise.resolve();
  const change = before.catch(() => undefined).then(async () => addToIndex(folder, saved));
  changes.set(folder, change);
  await change;
}

async function addToIndex(folder: string, saved: SavedImage): Promise<void> {
  const { image, name, architecture } = saved;
  const known = await readIndex(folder);
  const entry = {
    mediaType: image.mediaType,
    digest: image.digest,
    size: image.bytes.length,
    annotations: { [refName]: layoutName(saved), 'io.containerd.image.name': formatReference(name) },
    platform: { architecture, os: 'linux' },
  };
  const others = (known?.manifests ?? []).filter(({ annotations }) => annotations?.[refName] !== layoutName(saved));
  await writeWhole(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const made = { ...known, schemaVersion: 2, mediaType: oci.index, manifests: [...others, entry] };
  await writeWhole(join(folder, indexName), JSON.stringify(made));
}

const refName = 'org.opencontainers.image.ref.name';

function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs', digest.replace(':', '/'));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new ModelwhiskError('OUTPUT', `${dirname(path)} cannot be read (${String(codeOf(cause))})`, { cause });
  }
}
