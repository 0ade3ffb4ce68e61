/**
 * Scopes to push to one repository and read others of the same registry: the push first, since some token servers look
 * at the first only, and each repository once, since Docker Hub stumbled over repeated ones (docker/hub-feedback 2215).
 */
export function pushScopes(target: string, sources: readonly string[]): string[] {
  return [`repository:${target}:pull,push`, ...pullScopes(sources.filter((name) => name !== target))];
}

/** Scopes to read repositories. */
export function pullScopes(sources: readonly string[]): string[] {
  return [...new Set(sources)].map((name) => `repository:${name}:pull`);
}
