import { parseReference } from '../../../core/reference.ts';
import { readImage, type ImageSource } from '../../registry/image.ts';
import { isForeignLayer } from '../../registry/media-types.ts';
import type { Registries } from '../../registry/registries.ts';
import type { Repository } from '../../registry/repository.ts';
import type { StoredImage } from './stored-image.ts';

/** An image in a registry. Layers are fetched only where they are asked for. */
export async function registryImage(
  registries: Registries,
  name: string,
  { platform, signal }: { readonly platform: string; readonly signal: AbortSignal },
): Promise<StoredImage> {
  const reference = parseReference(name);
  const repository = registries.openForPull(reference, signal);
  return imageWithManifest(repository, { name, reference, platform, mustBeRead: false });
}

interface ImageToRead extends Pick<StoredImage, 'name' | 'mustBeRead'> {
  readonly reference: Parameters<typeof readImage>[1];
  readonly platform: string;
}

/** An image of a registry, or of a folder that is laid out like one. */
export async function imageWithManifest(
  source: ImageSource & Pick<Repository, 'openBlob' | 'retry'>,
  { name, reference, platform, mustBeRead }: ImageToRead,
): Promise<StoredImage> {
  const image = await readImage(source, reference, platform);
  const blobs = new Map(image.manifest.layers.map((layer) => [layer.digest, layer]));
  return {
    name,
    manifest: image,
    config: image.config,
    layers: image.manifest.layers.map(({ digest, mediaType }) => ({
      key: digest,
      digest,
      isHere: !isForeignLayer(mediaType),
    })),
    mustBeRead,
    async read(keys, visit) {
      for (const key of keys) {
        const blob = blobs.get(key);
        if (blob !== undefined) await source.retry(async () => visit(key, await source.openBlob(blob)));
      }
    },
  };
}
