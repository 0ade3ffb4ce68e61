import { ConfigurationError, ModelwhiskError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import type { DeployTarget } from '../deploy/deployment.ts';
import { formatOutput, type ImageOutput } from '../image/engines/image-output.ts';
import type { GuessRequest } from '../image/catalogue/guess.ts';
import type { Choice, Destination } from '../image/catalogue/plan.ts';
import type { EngineName } from '../image/engines/engine.ts';
import { readModels, readUsername } from './flags.ts';

/** What `build.ts` was asked to do, checked as far as that goes without the catalogue. */
export interface BuildOptions extends OutputOptions, Destination {
  readonly source: Source;
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
  /** Hosts that the registry engine speaks plain HTTP to. */
  readonly insecure: readonly string[];
  /** Hosts that a registry may send us to, whatever their address is. */
  readonly allowRedirect: readonly string[];
  readonly catalogue: string;
  readonly push: boolean;
  /** Whether to start each image once before it is pushed. */
  readonly check: boolean;
  /** Where to write the image instead of pushing it. */
  readonly output: ImageOutput | undefined;
  readonly dryRun: boolean;
  /** Platforms to tell the deploying commands of. */
  readonly for: readonly DeployTarget[];
}

/** Where the models come from. */
export type Source =
  | ({ readonly kind: 'catalogue' } & Omit<Choice, 'set'>)
  | ({ readonly kind: 'image'; readonly image: string } & ImageDescription);

/** What is said of an image that is not in the catalogue; see GuessRequest. */
export interface ImageDescription extends Pick<
  GuessRequest,
  'port' | 'ready' | 'predict' | 'batch' | 'command' | 'express'
> {
  readonly route?: GuessRequest['routes'];
  readonly arg?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** How much is printed, and for whom; the same for every command. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Flags as commander hands them over: checked one by one by flags.ts. */
export type BuildFlags = Omit<BuildOptions, keyof typeof absent | 'source' | 'username'> &
  Partial<BuildOptions> &
  ImageDescription & {
    readonly models?: readonly string[];
    readonly base?: Readonly<Record<string, string>>;
    readonly image?: string;
  };

/** @throws ConfigurationError for a flag that is missing, or that does not go with another one */
export function checkOptions(flags: BuildFlags, environment: Environment): BuildOptions {
  const { registry } = flags;
  const source = sourceOf(flags, environment);
  const username = flags.username ?? usernameOf(environment);
  if (username === undefined) {
    throw new ConfigurationError('--username', undefined, `who owns the repositories on ${registry}`);
  }
  if (registry === dockerHub && username.includes('/')) {
    throw new ConfigurationError(
      '--username',
      username,
      'a name without "/": repositories on Docker Hub are USER/NAME',
    );
  }
  const options = { ...absent, ...flags, source, username };
  return Object.freeze({ ...options, engine: engineOf(options) });
}

/** What flags mean that were not given and that have no default to show in the help. */
const absent = {
  set: {},
  engine: undefined,
  allowCopy: false,
  insecure: [],
  allowRedirect: [],
  output: undefined,
  check: false,
  dryRun: false,
  for: ['openwhisk'],
  json: false,
  quiet: false,
  verbose: false,
} as const;

export const dockerHub = 'docker.io';

function sourceOf(flags: BuildFlags, environment: Environment): Source {
  const { base = {}, image, port, ready, predict, route, batch, command, arg, express, env } = flags;
  const described = { port, ready, predict, route, batch, command, arg, express, env };
  if (image === undefined) {
    refuse(described, 'needs --image', 'it describes an image that is not in the catalogue');
    const models = flags.models ?? fromEnvironment(environment, 'MODELS', readModels);
    if (models === undefined) {
      throw new ConfigurationError('--models', undefined, 'names that the command list shows, or all');
    }
    return { kind: 'catalogue', models, base };
  }
  const hint = '--image names an image that is not in the catalogue';
  refuse({ models: flags.models, base: flags.base }, 'does not go with --image', hint);
  return { kind: 'image', image, ...described };
}

/** Desktops set USERNAME to the name that their user logged in with, which means no repository. */
export function usernameOf(environment: Environment): string | undefined {
  const { USERNAME: name, USER: login = environment['LOGNAME'], MODELS: models } = environment;
  return name === login && models === undefined ? undefined : fromEnvironment(environment, 'USERNAME', readUsername);
}

/** A flag's value given as `NAME=VALUE ./build.ts`; undefined where it is not set or empty. */
function fromEnvironment<T>(environment: Environment, name: string, read: (value: string) => T): T | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : read(value);
}

function refuse(flags: Readonly<Record<string, unknown>>, problem: string, hint: string): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined) throw new ModelwhiskError('USAGE', `--${name} ${problem}`, { hint });
  }
}

/** Some flags only make sense with one of the engines, which then is the one that is wanted. */
function engineOf({
  engine,
  push,
  check,
  output,
  source,
  insecure,
}: Pick<BuildOptions, 'engine' | 'push' | 'check' | 'output' | 'source' | 'insecure'>): BuildOptions['engine'] {
  if (check && (engine === 'registry' || output !== undefined || insecure.length > 0)) {
    throw new ConfigurationError('--check', true, '--engine docker, where an image can be started');
  }
  if (output !== undefined) {
    const shown = formatOutput(output);
    if (engine === 'docker') {
      throw new ConfigurationError('--output', shown, '--engine registry; with docker, --no-push and then docker save');
    }
    const isOne = source.kind === 'image' || (source.models.length === 1 && source.models[0] !== 'all');
    if (output.kind === 'docker-archive' && !isOne) {
      throw new ConfigurationError('--output', shown, 'oci:DIR, which takes several models, or a single model');
    }
    return 'registry';
  }
  if (!push && engine === 'registry') {
    const expected = '--dry-run, or --output oci:DIR: the registry engine has nowhere else to leave an image';
    throw new ConfigurationError('--no-push', true, expected);
  }
  if (insecure.length > 0 && engine === 'docker') {
    throw new ConfigurationError('--insecure', insecure, '--engine registry: Docker reads such hosts from daemon.json');
  }
  if (!push || check) return 'docker';
  return insecure.length > 0 ? 'registry' : engine;
}
