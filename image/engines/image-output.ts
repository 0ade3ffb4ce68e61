/** A place on this machine for images, instead of a registry. */
export type ImageOutput =
  /** An OCI image layout: a folder that may hold several images. */
  | { readonly kind: 'oci'; readonly path: string }
  /** A tar as `docker save` writes it and `docker load` reads it, with one image. */
  | { readonly kind: 'docker-archive'; readonly path: string };

/** As the user writes it, and as skopeo does: "oci:DIR" or "docker-archive:FILE". */
export function formatOutput({ kind, path }: ImageOutput): string {
  return `${kind}:${path}`;
}
