import type { Image } from '../../registry/image.ts';
import type { Descriptor } from '../../registry/manifest.ts';
import { ociType } from '../../registry/media-types.ts';

/**
 * The same image under OCI's media types, for an OCI image layout: skopeo and podman find no others there. Nothing but
 * the names of types changes, so that the blobs stay the same.
 */
export function asOci(image: Image): Image {
  const { manifest, mediaType } = image;
  const { config, layers } = manifest;
  return {
    ...image,
    mediaType: ociType(mediaType),
    manifest: { ...manifest, config: renamed(config), layers: layers.map(renamed) },
  };
}

function renamed(descriptor: Descriptor): Descriptor {
  return { ...descriptor, mediaType: ociType(descriptor.mediaType) };
}
