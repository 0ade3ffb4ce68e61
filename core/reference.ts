import { ModelwhiskError } from './errors.ts';

/**
 * A parsed image reference. `registry` is the folded name ("docker.io" for every alias of Docker Hub), `repository`
 * is complete ("library/node", not "node"). Without tag and digest in the text, `tag` is "latest".
 */
export interface Reference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** "sha256:…" */
  readonly digest: string | undefined;
}

/**
 * Parses an image reference as `docker pull` takes it (grammar of github.com/distribution/reference).
 * Throws ModelwhiskError REFERENCE with the reason.
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = splitSuffixes(text);
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const hasRegistry = /[.:]|^localhost$/i.test(first);
  const registry = foldRegistry(hasRegistry ? first : 'docker.io');
  const path = hasRegistry ? name.slice(slash + 1) : name;
  if (!isRegistryHost(registry)) throw refused(text, `"${registry}" is not a registry host`);
  if (path !== path.toLowerCase()) throw refused(text, 'a repository name is lower case');
  if (!repositoryPattern.test(path) || name.length > 255) throw refused(text, `"${path}" is not a repository name`);
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** A reference that can be pushed to. */
export type TargetReference = Reference & { readonly tag: string; readonly digest: undefined };

/**
 * Parses a reference to push to: a tag (default "latest") and no digest; on Docker Hub exactly USER/NAME, because
 * deeper names are answered with a misleading 401 (GoogleContainerTools/jib issue 2650).
 */
export function parseTarget(text: string): TargetReference {
  const reference = parseReference(text);
  if (reference.digest !== undefined || reference.tag === undefined) {
    throw refused(text, 'an image is pushed by tag, not by digest');
  }
  if (reference.registry === 'docker.io' && !/^[^/]+\/[^/]+$/.test(reference.repository)) {
    throw refused(text, 'a repository on Docker Hub is USER/NAME, one level deep');
  }
  if (reference.registry === 'docker.io' && reference.repository.startsWith('library/')) {
    throw refused(text, 'the "library" namespace of Docker Hub is not yours to push to; write USER/NAME');
  }
  return { ...reference, tag: reference.tag, digest: undefined };
}

/** The reference, to be read by `digest` instead of its tag. The same reference if `digest` is undefined. */
export function pinReference(text: string, digest: string | undefined): Reference {
  const reference = parseReference(text);
  return digest === undefined ? reference : { ...reference, tag: undefined, digest };
}

/** The reference as `docker pull` accepts it: docker.io written out, digest last. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The reference as people write it: without the name of Docker Hub and without the tag "latest". */
export function shortReference(reference: TargetReference): string {
  return formatReference(reference)
    .replace(/^docker\.io\//, '')
    .replace(/:latest$/, '');
}

/** The name for a registry's manifest endpoint: the digest, or else the tag. */
export function manifestName({ tag, digest }: Pick<Reference, 'tag' | 'digest'>): string {
  return digest ?? tag ?? 'latest';
}

/** Whether a text is HOST or HOST:PORT. */
export function isRegistryHost(text: string): boolean {
  const { port = '1' } = registryPattern.exec(text.toLowerCase())?.groups ?? { port: '0' };
  return Number(port) >= 1 && Number(port) <= 65_535;
}

/** A registry's host in lower case. All names of Docker Hub become "docker.io". */
export function foldRegistry(host: string): string {
  const lower = host.toLowerCase();
  return dockerHubNames.has(lower) ? 'docker.io' : lower;
}

const dockerHubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
const registryPattern =
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::(?<port>\d{1,5}))?$/;
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

function splitSuffixes(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !digestPattern.test(digest)) {
    throw refused(text, `"${digest}" is not a digest ("sha256:" and 64 hexadecimal digits)`);
  }
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  if (colon <= rest.lastIndexOf('/')) return { name: rest, tag: undefined, digest };
  const tag = rest.slice(colon + 1);
  if (!tagPattern.test(tag)) throw refused(text, `"${tag}" is not a tag`);
  return { name: rest.slice(0, colon), tag, digest };
}

function refused(text: string, reason: string): ModelwhiskError {
  return new ModelwhiskError('REFERENCE', `"${text}" is not an image reference: ${reason}`, {
    hint: 'write it as for docker pull, for example quay.io/codait/max-object-detector:v1.3.0',
  });
}
