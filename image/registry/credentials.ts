import { ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import type { askCredentialHelper } from './credential-helper.ts';
import { dockerConfigs, unreadable, type AuthEntry, type DockerConfig } from './docker-config.ts';
import { foldRegistry } from '../../core/reference.ts';

/** What a registry accepts from us. Never logged, never part of an error. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, exchanged at the token server. */
  | { readonly kind: 'identity-token'; readonly token: string };

/**
 * Finds the credentials for a repository ("team/x") of a registry ("docker.io", "quay.io", "host:5000"); undefined means
 * anonymous.
 */
export type CredentialStore = (registry: string, repository?: string) => Promise<Credentials | undefined>;

/**
 * Looks where Docker and podman keep credentials: `DOCKER_AUTH_CONFIG`, then `$DOCKER_CONFIG/config.json` (default
 * ~/.docker), then `REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json`, `~/.config/containers/auth.json`.
 * Within a file an entry for a part of the registry, "HOST/team", goes before the others, the most specific one first
 * (containers-auth.json(5)); then credHelpers before credsStore before auths, as in github.com/docker/cli.
 * Every file is read once, every helper asked once. Files that do not exist are passed over; ones that cannot be
 * understood throw RegistryError REGISTRY_CREDENTIALS.
 */
export function storedCredentials(environment: Environment = process.env): CredentialStore {
  const configs = dockerConfigs(environment);
  const helpers = new Map<string, ReturnType<typeof askCredentialHelper>>();
  const askHelper: AskHelper = async (name, server) => {
    const key = `${name} ${server}`;
    const answer = helpers.get(key) ?? ask(name, server, environment);
    helpers.set(key, answer);
    return answer;
  };
  return async (registry, repository = '') => {
    for (const read of configs) {
      const config = await read();
      const found = config === undefined ? undefined : await fromConfig(config, registry, repository, askHelper);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/**
 * `REGISTRY_USERNAME` and `REGISTRY_PASSWORD`, meant for the registry that is pushed to and for no other;
 * undefined when neither is set, ConfigurationError when only one is.
 */
export function credentialsFromEnvironment(environment: Environment = process.env): Credentials | undefined {
  const username = environment['REGISTRY_USERNAME'] ?? '';
  const password = environment['REGISTRY_PASSWORD'] ?? '';
  if (username === '' && password === '') return undefined;
  if (username === '')
    throw new ConfigurationError('REGISTRY_USERNAME', undefined, 'a name, as REGISTRY_PASSWORD is set');
  if (password === '') {
    throw new ConfigurationError(
      'REGISTRY_PASSWORD',
      undefined,
      'a password or access token, as REGISTRY_USERNAME is set',
    );
  }
  return fromLogin(username, password);
}

/** A user name and secret as stored; Docker marks identity tokens with the user name "<token>". */
function fromLogin(username: string, secret: string): Credentials {
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

/** Loaded only if needed: node:child_process takes as long to load as a request takes. */
async function ask(...asked: Parameters<typeof askCredentialHelper>): ReturnType<typeof askCredentialHelper> {
  const { askCredentialHelper: askHelper } = await import('./credential-helper.ts');
  return askHelper(...asked);
}

type AskHelper = (name: string, server: string) => ReturnType<typeof askCredentialHelper>;

async function fromConfig(
  config: DockerConfig,
  registry: string,
  repository: string,
  askHelper: AskHelper,
): Promise<Credentials | undefined> {
  const { auths, credHelpers, credsStore, origin } = config;
  const parts = partKeys(registry, repository);
  const ofParts = parts.flatMap((part) => Object.entries(auths).filter(([key]) => partKeyOf(key) === part));
  const special = firstOf(ofParts, origin, registry);
  if (special !== undefined) return special;
  const key = storageKey(registry);
  const named = Object.entries(credHelpers).find(([name]) => name === key || hostOf(name) === registry)?.[1];
  const helper = named ?? credsStore;
  const found = helper === undefined || helper === '' ? undefined : await askHelper(helper, key);
  if (found !== undefined) return fromLogin(found.username, found.secret);
  const exact = Object.entries(auths).filter(([name]) => name === key);
  return firstOf([...exact, ...Object.entries(auths).filter(([name]) => matches(name, registry))], origin, registry);
}

function firstOf(
  entries: readonly (readonly [string, AuthEntry])[],
  origin: string,
  registry: string,
): Credentials | undefined {
  for (const [, entry] of entries) {
    const found = fromEntry(entry, origin, registry);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The keys for a repository and its namespaces, without that of the registry: "quay.io/team/x", then "quay.io/team".
 */
function partKeys(registry: string, repository: string): readonly string[] {
  const parts = repository.split('/');
  return parts.map((_, index) => `${registry}/${parts.slice(0, parts.length - index).join('/')}`);
}

/** A key for a part of a registry. Undefined for a key of a whole registry; keys with a scheme are of this kind. */
function partKeyOf(key: string): string | undefined {
  const [, host = '', path] = /^([^/]+)\/(.+?)\/*$/.exec(key) ?? [];
  if (path === undefined || key.includes('://') || /^v[12]$/.test(path)) return undefined;
  return `${foldRegistry(host)}/${path}`;
}

function fromEntry(entry: AuthEntry, origin: string, registry: string): Credentials | undefined {
  if (entry.identitytoken !== undefined && entry.identitytoken !== '') {
    return { kind: 'identity-token', token: entry.identitytoken };
  }
  if (entry.auth !== undefined && entry.auth !== '') {
    const decoded = Buffer.from(entry.auth, 'base64').toString('utf8').replaceAll('\0', '');
    const colon = decoded.indexOf(':');
    if (colon < 1) throw unreadable(origin, `holds an entry for ${registry} that is not base64 of USER:PASSWORD`);
    return fromLogin(decoded.slice(0, colon), decoded.slice(colon + 1));
  }
  const { username = '', password = '' } = entry;
  return username === '' || password === '' ? undefined : fromLogin(username, password);
}

/** Docker Hub's key is the address of the API it had in 2014. */
function storageKey(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

/** Keys of older clients carry a scheme and a path; the web login's two token entries hold no registry credential. */
function matches(key: string, registry: string): boolean {
  return hostOf(key) === registry && partKeyOf(key) === undefined && !/\/(?:access|refresh)-token$/.test(key);
}

function hostOf(key: string): string {
  return foldRegistry(key.replace(/^https?:\/\//, '').replace(/\/.*$/, ''));
}
