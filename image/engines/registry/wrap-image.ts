import type { ModelRow } from '../../../core/row.ts';
import { sha256, type Content } from '../../registry/digest.ts';
import { RegistryError } from '../../registry/errors.ts';
import type { Image, ImageConfig } from '../../registry/image.ts';
import type { ImageManifest } from '../../registry/manifest.ts';
import { docker, oci } from '../../registry/media-types.ts';
import type { BlobOpener } from '../../registry/uploads.ts';

/** A compressed layer of ours, ready to be pushed. */
export interface LayerBlob extends Content {
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
  /** What `docker history` shows. */
  readonly createdBy: string;
  readonly open: BlobOpener;
}

/** An image that is only in memory so far: its manifest and configuration to the byte. */
export interface AssembledImage {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly config: Content & { readonly bytes: Buffer };
  readonly configType: string;
  /** Media type of the layers that were added. */
  readonly layerType: string;
}

/** The `config` part of an image's configuration: what a container of it runs, and how. */
export type RunConfig = Readonly<Record<string, unknown>>;

/** Makes the `config` part of the new image from the base's. */
export type Configure = (
  base: {
    /** As the user wrote it. */
    readonly name: string;
    /** Digest of its manifest, or of its index where it has one; undefined for an image of no registry. */
    readonly digest: string | undefined;
    readonly config: RunConfig;
  },
  row: ModelRow,
) => RunConfig;

export interface Wrapping {
  /** The base's reference, as the user wrote it. */
  readonly name: string;
  readonly row: ModelRow;
  /** Bottom one first. */
  readonly layers: readonly LayerBlob[];
  readonly configure: Configure;
}

/**
 * The image that wraps `base`, to the byte. Nothing is sent or stored, and the same inputs give the same bytes.
 * Unknown fields are kept in the base's order, except `subject` and embedded `data`, which describe the base. The media
 * types stay in the base's family: registries accept mixtures, podman and skopeo do not.
 */
export function wrapImage(base: Image, { name, row, layers, configure }: Wrapping): AssembledImage {
  if (base.manifest.layers.length + layers.length > maximumLayers) {
    throw new RegistryError('REGISTRY_UNSUPPORTED', `${name} has ${base.manifest.layers.length} layers already`, {
      hint: `Docker runs images of up to ${maximumLayers} layers; squash the base image`,
    });
  }
  const digest = base.referenceDigest;
  const runConfig = configure({ name, digest, config: base.config.config ?? {} }, row);
  const annotations = {
    'org.opencontainers.image.base.name': name,
    ...(digest !== undefined && { 'org.opencontainers.image.base.digest': digest }),
  };
  return extendImage(base, { runConfig, layers, annotations });
}

export interface Extension {
  readonly runConfig: RunConfig;
  /** Bottom one first. */
  readonly layers: readonly LayerBlob[];
  /** For the manifest, where its kind has any. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The image with layers on top of those that it has, and another run configuration. */
export function extendImage(base: Image, { runConfig, layers, annotations }: Extension): AssembledImage {
  const configBytes = Buffer.from(JSON.stringify(extendConfig({ ...base.config, config: runConfig }, layers)));
  const config = { digest: sha256(configBytes), size: configBytes.length, bytes: configBytes };
  const bytes = Buffer.from(JSON.stringify(extendManifest(base, layers, config, annotations)));
  const { mediaType: configType } = base.manifest.config;
  const kinds = { mediaType: base.mediaType, configType, layerType: layerTypeOf(base) };
  return { digest: sha256(bytes), bytes, config, ...kinds };
}

/** overlay2 stacks 128 directories, and Docker needs some for itself. */
const maximumLayers = 125;

function extendConfig(config: ImageConfig, layers: readonly LayerBlob[]): ImageConfig {
  const { history, rootfs, created } = config;
  const added = layers.map(({ createdBy }) => ({
    ...(created !== undefined && { created }),
    created_by: createdBy,
    comment: 'modelwhisk',
  }));
  return {
    ...config,
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    // A base without history stays so: the entries must match the layers one by one, or there must be none.
    ...(history && history.length > 0 && { history: [...history, ...added] }),
  };
}

function extendManifest(
  { mediaType, manifest: { subject: _subject, ...manifest } }: Image,
  layers: readonly LayerBlob[],
  config: Content,
  annotations: Readonly<Record<string, string>>,
): ImageManifest {
  const isDocker = mediaType === docker.manifest;
  const { data: _data, ...baseConfig } = manifest.config;
  const added = layers.map(({ digest, size }) => ({ mediaType: layerTypeOf({ mediaType }), size, digest }));
  return {
    ...manifest,
    mediaType,
    config: { ...baseConfig, size: config.size, digest: config.digest },
    layers: [...manifest.layers, ...added],
    ...(!isDocker && { annotations: { ...(manifest['annotations'] as object | undefined), ...annotations } }),
  };
}

function layerTypeOf({ mediaType }: Pick<Image, 'mediaType'>): string {
  return mediaType === docker.manifest ? docker.layer : oci.layer;
}
