import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { codeOf, ModelwhiskError } from '../../../core/errors.ts';
import { sha256, type Content } from '../../registry/digest.ts';
import { parseJson } from '../../registry/json.ts';
import type { RawManifest } from '../../registry/manifest.ts';
import { imageWithManifest } from './registry-image.ts';
import type { StoredImage } from './stored-image.ts';

/**
 * An image in an OCI image layout (image specification 1.1, "Image Layout").
 *
 * @param name as the layout has it; undefined where it holds one image alone
 * @throws ModelwhiskError code `IMAGE_FILES` where the folder is not such a layout, or a file in it is not what it
 * should be
 */
export async function ociLayoutImage(folder: string, name: string | undefined, platform: string): Promise<StoredImage> {
  const { digest, mediaType } = await findImage(folder, name);
  const readBlob = async (content: Pick<Content, 'digest'>): Promise<Buffer> => readFileOf(folder, content.digest);
  const source = {
    fullName: `oci:${folder}`,
    readBlob,
    async readManifest(wanted: string): Promise<RawManifest> {
      const bytes = await readBlob({ digest: wanted });
      return { bytes, digest: wanted, size: bytes.length, contentType: wanted === digest ? mediaType : '' };
    },
    openBlob: async (blob: Content) => createReadStream(join(folder, blobPath(blob.digest))),
    retry: async <T>(operation: (attempt: number) => Promise<T>) => operation(1),
  };
  const text = `oci:${folder}${name === undefined ? '' : `:${name}`}`;
  return imageWithManifest(source, { name: text, reference: { tag: name, digest }, platform, mustBeRead: true });
}

const index = z.looseObject({
  manifests: z.array(
    z.looseObject({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      mediaType: z.string().default(''),
      annotations: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

type Entry = z.infer<typeof index>['manifests'][number];

async function findImage(folder: string, name: string | undefined): Promise<Entry> {
  const found = index.safeParse(parseJson((await read(folder, 'index.json')).toString('utf8')));
  if (!found.success) throw refused(`${folder} is not an OCI image layout: its index.json lists no images`);
  const { manifests } = found.data;
  const named = manifests.filter((entry) => name === undefined || namesOf(entry).includes(name));
  const [image, ...others] = named;
  if (image !== undefined && others.length === 0) return image;
  const names = manifests.map((entry) => namesOf(entry)[0] ?? entry.digest).join(', ');
  throw refused(
    name === undefined ? `${folder} holds ${manifests.length} images` : `${folder} holds no image ${name}`,
    `write oci:${folder}:NAME with one of: ${names}`,
  );
}

/** With and without the default tag. */
function namesOf({ annotations }: Entry): readonly string[] {
  const name = annotations['org.opencontainers.image.ref.name'];
  return name === undefined ? [] : [name, name.replace(/:latest$/, '')];
}

async function readFileOf(folder: string, digest: string): Promise<Buffer> {
  const path = blobPath(digest);
  const bytes = await read(folder, path);
  if (sha256(bytes) === digest) return bytes;
  throw refused(`${join(folder, path)} has other bytes than its name says: their digest is ${sha256(bytes)}`);
}

async function read(folder: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, path));
  } catch (cause) {
    const hint = path === 'index.json' ? 'name a folder that --output oci:DIR or skopeo has written' : undefined;
    throw refused(`${join(folder, path)} cannot be read (${String(codeOf(cause))})`, hint, cause);
  }
}

function blobPath(digest: string): string {
  return join('blobs', digest.replace(':', '/'));
}

function refused(problem: string, hint = 'write the image anew', cause?: unknown): ModelwhiskError {
  return new ModelwhiskError('IMAGE_FILES', problem, { hint, cause });
}
