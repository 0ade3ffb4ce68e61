/**
 * A tag, a digest or an upload of a repository, for messages.
 *
 * @param name "v1", "sha256:…" or "upload"
 */
export function describe({ fullName }: { readonly fullName: string }, name: string): string {
  return `${fullName}${name.startsWith('sha256:') ? '@' : ':'}${name}`;
}
