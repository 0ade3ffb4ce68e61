/** Media types of Docker's image manifest version 2, schema 2. */
export const docker = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** Media types of the OCI image specification, version 1.1. */
export const oci = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** What OCI calls a media type of Docker's; any other is returned as it is. */
export function ociType(mediaType: string): string {
  return ociTypes.get(mediaType) ?? mediaType;
}

const ociTypes = new Map<string, string>([
  [docker.manifest, oci.manifest],
  [docker.config, oci.config],
  [docker.layer, oci.layer],
  ['application/vnd.docker.image.rootfs.diff.tar', 'application/vnd.oci.image.layer.v1.tar'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
  [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ],
]);

/** The Accept header for manifests. It does not include schema 1, but some old registries send that anyway. */
export const manifestTypes = [oci.index, docker.index, oci.manifest, docker.manifest].join(', ');

/** Layers that may not be distributed: they keep their `urls` and are neither mounted nor copied. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType.includes('.foreign.') || mediaType.includes('.nondistributable.');
}
