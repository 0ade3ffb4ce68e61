/** Where an image is kept that is to be verified. */
export type ImagePlace =
  | { readonly kind: 'registry'; readonly name: string }
  /** A folder that may hold several images; `name` says which one. */
  | { readonly kind: 'oci'; readonly path: string; readonly name: string | undefined }
  | { readonly kind: 'docker-archive'; readonly path: string }
  /** In the docker engine of this machine. */
  | { readonly kind: 'docker-daemon'; readonly name: string };

/**
 * Reads "oci:DIR[:NAME]", "docker-archive:FILE" and "docker-daemon:IMAGE", as skopeo spells them; everything else is a
 * reference to an image in a registry.
 */
export function parseImagePlace(text: string): ImagePlace {
  const [, kind, rest = ''] = /^(oci|docker-archive|docker-daemon):(.+)$/s.exec(text) ?? [];
  if (kind === 'docker-archive') return { kind, path: rest };
  if (kind === 'docker-daemon') return { kind, name: rest };
  if (kind !== 'oci') return { kind: 'registry', name: text };
  const [, path = rest, name] = /^([^:]+):(.+)$/s.exec(rest) ?? [];
  return { kind, path, name };
}
