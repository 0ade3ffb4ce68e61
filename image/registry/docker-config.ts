import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import * as z from 'zod';

import { codeOf } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import { RegistryError } from './errors.ts';

/** A file with credentials, as Docker and podman write it. */
export interface DockerConfig extends z.infer<typeof configFile> {
  /** What to call it in messages. */
  readonly origin: string;
}

export type AuthEntry = z.infer<typeof authEntry>;

/**
 * Where credentials may be, in order of precedence. Each function reads its file once, when it is first called, and
 * returns undefined where there is none.
 */
export function dockerConfigs(environment: Environment): readonly (() => Promise<DockerConfig | undefined>)[] {
  const inline = environment['DOCKER_AUTH_CONFIG'] ?? '';
  const files = configPaths(environment).map((path) =>
    once(async () => {
      const text = await readIfPresent(path);
      return text === undefined ? undefined : parseConfig(text, path);
    }),
  );
  return inline === '' ? files : [once(async () => inlineConfig(inline)), ...files];
}

/** An error without secrets. */
export function unreadable(origin: string, problem: string): RegistryError {
  return new RegistryError('REGISTRY_CREDENTIALS', `${origin} ${problem}`, {
    hint: 'log in again with "docker login", or set REGISTRY_USERNAME and REGISTRY_PASSWORD',
  });
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

/** Of the variable only `auths` counts, as in github.com/docker/cli. */
function inlineConfig(text: string): DockerConfig {
  const { auths, origin } = parseConfig(text, 'DOCKER_AUTH_CONFIG');
  return { auths, credHelpers: {}, origin };
}

function parseConfig(text: string, origin: string): DockerConfig {
  try {
    return { ...configFile.parse(JSON.parse(text)), origin };
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

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => (made ??= make());
}
