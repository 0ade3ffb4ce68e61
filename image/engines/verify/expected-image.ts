import type { Image, ImageConfig } from '../../registry/image.ts';
import { adapterImageLabels } from '../adapter-image.ts';
import { asOci } from '../registry/as-oci.ts';
import { emptyImage } from '../registry/push-adapter.ts';
import { extendImage, wrapImage, type AssembledImage, type Configure, type LayerBlob } from '../registry/wrap-image.ts';
import type { ImageManifest } from '../../registry/manifest.ts';
import { ociType } from '../../registry/media-types.ts';
import type { ExpectedLayer } from './compare-layers.ts';
import type { NamedBase, Origin } from '../origin.ts';
import type { StoredImage } from './stored-image.ts';

/** The image as the registry engine makes it. */
export interface ExpectedImage {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** Bottom one first. */
  readonly layers: readonly ExpectedLayer[];
}

export interface Making {
  readonly platform: string;
  /** The adapter's layers as this checkout makes them, bottom one first. */
  readonly layers: readonly LayerBlob[];
  readonly configure: Configure;
  readonly readBase: (base: NamedBase) => Promise<Image>;
}

/** Makes an image once more from what it says of itself, without storing anything. */
export async function expectedImage(
  origin: Extract<Origin, { kind: 'model' | 'adapter' }>,
  like: Pick<StoredImage, 'manifest'>,
  { platform, layers, configure, readBase }: Making,
): Promise<ExpectedImage> {
  if (origin.kind === 'adapter') {
    const base = emptyImage(platform);
    const runConfig = { Labels: adapterImageLabels };
    return expected(base, extendImage(base, { runConfig, layers, annotations: adapterImageLabels }), layers);
  }
  const found = await readBase(origin.base);
  // One that came out of an OCI image layout has OCI's media types, whatever its base has.
  const base = like.manifest?.mediaType === ociType(found.mediaType) ? asOci(found) : found;
  const { row } = origin;
  return expected(base, wrapImage(base, { name: origin.base.name, row, layers, configure }), layers);
}

function expected(base: Image, made: AssembledImage, layers: readonly LayerBlob[]): ExpectedImage {
  const ofBase = base.manifest.layers.map(({ digest }, index) => ({
    digest,
    diffId: base.config.rootfs.diff_ids[index] ?? '',
    open: undefined,
  }));
  return {
    digest: made.digest,
    mediaType: made.mediaType,
    manifest: JSON.parse(made.bytes.toString('utf8')) as ImageManifest,
    config: JSON.parse(made.config.bytes.toString('utf8')) as ImageConfig,
    layers: [...ofBase, ...layers],
  };
}
