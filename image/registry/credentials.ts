import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import * as z from 'zod';

import { codeOf, ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import { askCredentialHelper } from './credential-helper.ts';
import { RegistryError } from './errors.ts';
import { foldRegistry } from './reference.ts';

/** What a registry accepts from us. Never logged, never part of an error. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, exchanged at the token server. */
  | { readonly kind: 'identity-token'; readonly token: string };

/** Finds the credentials for a registry ("docker.io", "quay.io", "host:5000"); undefined means anonymous. */
export type CredentialStore = (registry: string) => Promise<Credentials | undefined>;

/**
 * Looks where Docker and podman keep credentials: `DOCKER_AUTH_CONFIG`, then `$DOCKER_CONFIG/config.json` (default
 * ~/.docker), then `REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json`, `~/.config/containers/auth.json`.
 * Within a file credHelpers goes before credsStore before auths, as in github.com/docker/cli.
 * Files that do not exist are passed over; ones that cannot be understood throw RegistryError REGISTRY_CREDENTIALS.
 */
export function storedCredentials(environment: Environment = process.env): CredentialStore {
  return async (registry) => {
    const inline = environment['DOCKER_AUTH_CONFIG'];
    if (inline !== undefined && inline !== '') {
      const { auths } = parseConfig(inline, 'DOCKER_AUTH_CONFIG');
      const found = fromAuths(auths, registry, 'DOCKER_AUTH_CONFIG');
      if (found !== undefined) return found;
    }
    for (const path of configPaths(environment)) {
      const text = await readIfPresent(path);
      const found =
        text === undefined ? undefined : await fromConfig(parseConfig(text, path), registry, path, environment);
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
export function fromLogin(username: string, secret: string): Credentials {
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

const authEntry = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const configFile = z.looseObject({
  auths: z.record(z.string(), authEntry).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});
type AuthEntry = z.infer<typeof authEntry>;

function parseConfig(text: string, origin: string): z.infer<typeof configFile> {
  try {
    return configFile.parse(JSON.parse(text));
  } catch {
    // Neither zod's nor JSON.parse's message is kept: both may quote a secret.
    throw unreadable(origin, 'is not a Docker configuration in JSON');
  }
}

function configPaths(environment: Environment): string[] {
  const home = environment['HOME'] ?? homedir();
  const { DOCKER_CONFIG: docker, REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: runtime } = environment;
  return [
    join(docker === undefined || docker === '' ? join(home, '.docker') : docker, 'config.json'),
    ...(named === undefined || named === '' ? [] : [named]),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
    join(home, '.config', 'containers', 'auth.json'),
  ];
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new RegistryError('REGISTRY_CREDENTIALS', `${path} cannot be read (${String(code)})`, { cause: error });
  }
}

async function fromConfig(
  { auths, credHelpers, credsStore }: z.infer<typeof configFile>,
  registry: string,
  path: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const key = storageKey(registry);
  const named = Object.entries(credHelpers).find(([name]) => name === key || hostOf(name) === registry)?.[1];
  const helper = named ?? credsStore;
  const found = helper === undefined || helper === '' ? undefined : await askCredentialHelper(helper, key, environment);
  return found === undefined ? fromAuths(auths, registry, path) : fromLogin(found.username, found.secret);
}

function fromAuths(auths: Record<string, AuthEntry>, registry: string, origin: string): Credentials | undefined {
  const exact = auths[storageKey(registry)];
  const candidates = [
    exact,
    ...Object.entries(auths).flatMap(([key, entry]) => (matches(key, registry) ? [entry] : [])),
  ];
  for (const entry of candidates) {
    const found = entry === undefined ? undefined : fromEntry(entry, origin, registry);
    if (found !== undefined) return found;
  }
  return undefined;
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

/** Keys of older clients carry a scheme or a path; the web login's two token entries hold no registry credential. */
function matches(key: string, registry: string): boolean {
  return hostOf(key) === registry && !/\/(?:access|refresh)-token$/.test(key);
}

function hostOf(key: string): string {
  return foldRegistry(key.replace(/^https?:\/\//, '').replace(/\/.*$/, ''));
}

function unreadable(origin: string, problem: string): RegistryError {
  return new RegistryError('REGISTRY_CREDENTIALS', `${origin} ${problem}`, {
    hint: 'log in again with "docker login", or set REGISTRY_USERNAME and REGISTRY_PASSWORD',
  });
}
