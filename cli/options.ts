import { ConfigurationError } from '../core/errors.ts';
import type { DeployTarget } from '../deploy/deployment.ts';
import type { EngineName } from '../image/engines/engine.ts';

/** What `build.ts` was asked to do, checked as far as that goes without the catalogue. */
export interface BuildOptions extends OutputOptions {
  readonly source: Source;
  /** User, organisation or project that owns the repositories to push to. */
  readonly username: string;
  readonly registry: string;
  readonly tag: string;
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
  readonly dryRun: boolean;
  /** Platforms to tell the deploying commands of. */
  readonly for: readonly DeployTarget[];
}

/** Where the models come from. */
export type Source =
  | {
      readonly kind: 'catalogue';
      /** Names from the catalogue, or "all". */
      readonly models: readonly string[];
      /** Base images to take instead of the catalogue's: by model name, or under "" for the only model. */
      readonly base: Readonly<Record<string, string>>;
    }
  | ({ readonly kind: 'image'; readonly image: string } & ImageDescription);

/** What is said of an image that is not in the catalogue; see GuessRequest. */
export interface ImageDescription {
  readonly port?: number | undefined;
  readonly ready?: string | undefined;
  readonly predict?: string | undefined;
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
export function checkOptions(flags: BuildFlags): BuildOptions {
  const { username, registry } = flags;
  const source = sourceOf(flags);
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
  dryRun: false,
  for: ['openwhisk'],
  json: false,
  quiet: false,
  verbose: false,
} as const;

export const dockerHub = 'docker.io';

function sourceOf({ models, base = {}, image, port, ready, predict, env }: BuildFlags): Source {
  if (image === undefined) {
    refuse({ port, ready, predict, env }, 'an --image that it describes');
    if (models === undefined) {
      throw new ConfigurationError('--models', undefined, 'names that `./build.ts list` shows, or all');
    }
    return { kind: 'catalogue', models, base };
  }
  const [other] = Object.entries(base).map(([name, of]) => (name === '' ? of : `${name}=${of}`));
  refuse({ models, base: other }, 'no such option beside --image');
  return { kind: 'image', image, port, ready, predict, env };
}

function refuse(flags: Readonly<Record<string, unknown>>, expectation: string): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined) throw new ConfigurationError(`--${name}`, value, expectation);
  }
}

/** Some flags only make sense with one of the engines, which then is the one that is wanted. */
function engineOf({
  engine,
  push,
  insecure,
}: Pick<BuildOptions, 'engine' | 'push' | 'insecure'>): BuildOptions['engine'] {
  if (!push && engine === 'registry') {
    throw new ConfigurationError('--no-push', true, '--dry-run: the registry engine has nowhere to leave an image');
  }
  if (insecure.length > 0 && engine === 'docker') {
    throw new ConfigurationError('--insecure', insecure, '--engine registry: Docker reads such hosts from daemon.json');
  }
  if (!push) return 'docker';
  return insecure.length > 0 ? 'registry' : engine;
}
