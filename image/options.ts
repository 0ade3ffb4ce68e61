import { ConfigurationError } from '../core/errors.ts';
import type { EngineName } from './engine.ts';

/** What `build.ts` was asked to do, checked as far as that goes without the catalogue. */
export interface BuildOptions {
  /** Names from the catalogue, or "all". */
  readonly models: readonly string[];
  /** User, organisation or project that owns the repositories to push to. */
  readonly username: string;
  readonly registry: string;
  readonly tag: string;
  /** Base images to take instead of the catalogue's: by model name, or under "" for the only model. */
  readonly base: Readonly<Record<string, string>>;
  /** Values for the {placeholders} of template rows. */
  readonly set: Readonly<Record<string, string>>;
  /** How many models are built at the same time. */
  readonly jobs: number;
  readonly platform: string;
  /** Undefined: docker where an engine answers, else registry. */
  readonly engine: EngineName | undefined;
  readonly runtimeImage: string;
  /** Whether the registry engine may move large layers through this machine. */
  readonly allowCopy: boolean;
  /** Registries that the registry engine speaks to without TLS. */
  readonly insecure: readonly string[];
  readonly catalogue: string;
  readonly push: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Flags as commander hands them over: checked one by one by the readers below. */
export type BuildFlags = Partial<BuildOptions> & Omit<BuildOptions, keyof typeof absent | 'models' | 'username'>;

/** @throws ConfigurationError for a flag that is missing, or that does not go with another one */
export function checkOptions(flags: BuildFlags): BuildOptions {
  const { models, username, ...others } = flags;
  if (models === undefined) {
    throw new ConfigurationError('--models', undefined, 'names that `./build.ts list` shows, or all');
  }
  if (username === undefined) {
    throw new ConfigurationError('--username', undefined, `who owns the repositories on ${others.registry}`);
  }
  if (others.registry === dockerHub && username.includes('/')) {
    throw new ConfigurationError(
      '--username',
      username,
      'a name without "/": repositories on Docker Hub are USER/NAME',
    );
  }
  return Object.freeze({ ...absent, ...others, models, username });
}

/** What flags mean that were not given and that have no default to show in the help. */
const absent = {
  base: {},
  set: {},
  engine: undefined,
  allowCopy: false,
  insecure: [],
  dryRun: false,
  json: false,
  quiet: false,
  verbose: false,
} as const;

export const dockerHub = 'docker.io';

/** Reads a flag whose value has to match a pattern, for commander. */
export function matching(flag: string, pattern: RegExp, expectation: string): (value: string) => string {
  return (value) => {
    if (!pattern.test(value)) throw new ConfigurationError(flag, value, expectation);
    return value;
  };
}

export const readUsername = matching(
  '--username',
  /^[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*$/,
  'lower case letters and digits, as in a repository name',
);

const registryPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;

export const readRegistry = matching('--registry', registryPattern, 'HOST or HOST:PORT, without https://');

/** Adds a registry. */
export function readInsecure(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, matching('--insecure', registryPattern, 'HOST or HOST:PORT, without http://')(value)];
}

export const readTag = matching('--tag', /^\w[\w.-]{0,127}$/, 'up to 128 letters, digits, ".", "_" or "-"');

export const readPlatform = matching(
  '--platform',
  /^linux\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/,
  'linux/ARCHITECTURE, for example linux/amd64',
);

export const readReference = matching('--runtime-image', /^[\w][\w.:/@-]*$/, 'an image reference');

export function readJobs(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new ConfigurationError('--jobs', value, 'a whole number from 1 to 999');
  return Number(value);
}

export function readEngine(value: string): EngineName {
  if (value !== 'docker' && value !== 'registry') {
    throw new ConfigurationError('--engine', value, 'docker or registry');
  }
  return value;
}

/** Adds names, which may stand apart or be joined by commas. */
export function readModels(value: string, before: readonly string[] = []): readonly string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.some((name) => name === '' || name.startsWith('-')))
    throw new ConfigurationError('--models', value, 'names with one comma or space between them');
  return [...new Set([...before, ...names])];
}

/** Adds NAME=IMAGE, or IMAGE alone under the name "". */
export function readBase(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', image] = /^(?:([^=]*)=)?([\w][\w.:/@-]*)$/.exec(value) ?? [];
  if (image === undefined) throw new ConfigurationError('--base', value, 'NAME=IMAGE, or IMAGE for a single model');
  return { ...before, [name]: image };
}

/** Adds NAME=VALUE. */
export function readSet(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, text] = /^([^=]+)=(.*)$/.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new ConfigurationError('--set', value, 'NAME=VALUE');
  return { ...before, [name]: text };
}
