import { ConfigurationError, ModelwhiskError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import type { DeployTarget } from '../deploy/deployment.ts';
import type { ImageOutput } from '../image/engines/image-output.ts';
import type { GuessRequest } from '../image/catalogue/guess-request.ts';
import { expressServer } from '../image/catalogue/guess-server.ts';
import type { Choice, Destination } from '../image/catalogue/plan.ts';
import type { EngineName } from '../image/engines/engine.ts';
import { engineOf } from './engine-of.ts';
import { readModels, readUsername } from './flags.ts';

/** The options of a build. They are valid, except for what only the catalogue can tell. */
export interface BuildOptions extends OutputOptions, Destination {
  readonly source: Source;
  /** Values for the {placeholders} of template rows. */
  readonly set: Readonly<Record<string, string>>;
  /** The number of models to build at the same time. */
  readonly jobs: number;
  readonly platform: string;
  /** Undefined: docker if its engine answers, else registry. */
  readonly engine: EngineName | undefined;
  readonly runtimeImage: string;
  /** Whether the registry engine may copy large layers through this machine. */
  readonly allowCopy: boolean;
  /** Hosts that the registry engine calls by plain HTTP. */
  readonly insecure: readonly string[];
  /** Hosts to which a registry may redirect, even if their address is private. */
  readonly allowRedirect: readonly string[];
  readonly catalogue: string;
  readonly push: boolean;
  /** Whether to start each image once before it is pushed. */
  readonly check: boolean;
  /** Where to write the image instead of pushing it. */
  readonly output: ImageOutput | undefined;
  readonly dryRun: boolean;
  /** Platforms whose deploy commands are printed. */
  readonly for: readonly DeployTarget[];
}

/** Where the models come from. */
export type Source =
  | ({ readonly kind: 'catalogue' } & Omit<Choice, 'set'>)
  | ({ readonly kind: 'image'; readonly image: string } & ImageDescription);

/** The flags that describe an image that is not in the catalogue, see GuessRequest. */
export interface ImageDescription extends Pick<
  GuessRequest,
  'port' | 'ready' | 'predict' | 'batch' | 'command' | 'express'
> {
  readonly route?: GuessRequest['routes'];
  readonly arg?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a command prints. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The flags from commander. flags.ts has checked each of them. */
export type BuildFlags = Omit<BuildOptions, keyof typeof absent | 'source' | 'username'> &
  Partial<BuildOptions> &
  ImageDescription & {
    readonly models?: readonly string[];
    readonly base?: Readonly<Record<string, string>>;
    readonly image?: string;
  };

/** @throws ConfigurationError for a missing flag, or flags that contradict each other */
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

/** Defaults of flags that the help does not show. */
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
  // Before the image is read, which may mean to pull it.
  if (express !== undefined) expressServer({ port, ready, environment: env, command, args: arg }, express);
  return { kind: 'image', image, ...described };
}

/** The owner of the repository. Desktops set USERNAME to the login name, so that value is ignored. */
export function usernameOf(environment: Environment): string | undefined {
  const { USERNAME: name, USER: login = environment['LOGNAME'], MODELS: models } = environment;
  return name === login && models === undefined ? undefined : fromEnvironment(environment, 'USERNAME', readUsername);
}

/** A flag's value given as `NAME=VALUE ./build.ts`. Undefined if it is not set or empty. */
function fromEnvironment<T>(environment: Environment, name: string, read: (value: string) => T): T | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : read(value);
}

function refuse(flags: Readonly<Record<string, unknown>>, problem: string, hint: string): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined) throw new ModelwhiskError('USAGE', `--${name} ${problem}`, { hint });
  }
}
