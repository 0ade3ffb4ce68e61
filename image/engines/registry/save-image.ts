import type { ImageOutput } from '../image-output.ts';
import type { Image } from '../../registry/image.ts';
import { isForeignLayer } from '../../registry/media-types.ts';
import type { TargetReference } from '../../../core/reference.ts';
import type { Repository } from '../../registry/repository.ts';
import { checkDockerArchive, writeDockerArchive } from './docker-archive.ts';
import { checkOciLayout, writeOciLayout } from './oci-layout.ts';
import type { SavedImage } from './saved-image.ts';
import type { AssembledImage, LayerBlob } from './wrap-image.ts';

export interface SaveRequest {
  readonly image: AssembledImage;
  readonly base: Image;
  readonly source: Repository;
  /** The adapter's layers. */
  readonly layers: readonly LayerBlob[];
  readonly name: TargetReference;
  readonly signal: AbortSignal;
}

/**
 * Makes the folder of an output, and checks that it can be written.
 *
 * @throws ModelwhiskError code `OUTPUT`
 */
export async function checkOutput({ kind, path }: ImageOutput): Promise<void> {
  await (kind === 'oci' ? checkOciLayout(path) : checkDockerArchive(path));
}

/** Writes an image to this machine. Returns how many bytes were fetched. */
export async function saveImage(
  output: ImageOutput,
  { image, base, source, layers, name, signal }: SaveRequest,
): Promise<number> {
  let fetched = 0;
  const ofBase = base.manifest.layers
    .map((layer, index) => ({ ...layer, diffId: base.config.rootfs.diff_ids[index] ?? '' }))
    .filter(({ mediaType }) => !isForeignLayer(mediaType))
    .map((layer) => ({
      ...layer,
      open: async () => (await source.openBlob(layer)).on('data', (chunk: Buffer) => (fetched += chunk.length)),
    }));
  const ours = layers.map((layer) => ({ ...layer, mediaType: image.layerType }));
  const saved: SavedImage = {
    image,
    name,
    architecture: base.config.architecture,
    layers: [...ofBase, ...ours],
    diffIds: [...base.config.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)],
    retry: async (operation) => source.retry(operation),
    signal,
  };
  await (output.kind === 'oci' ? writeOciLayout(output.path, saved) : writeDockerArchive(output.path, saved));
  return fetched;
}
