import { parsePredict, type PredictFlag } from '../image/catalogue/route-flags.ts';
import { ConfigurationError } from '../core/errors.ts';
import { isRegistryHost, parseReference } from '../core/reference.ts';
import { type DeployTarget, deployTargets } from '../deploy/deployment.ts';
import type { EngineName } from '../image/engines/engine.ts';
import type { ImageOutput } from '../image/engines/image-output.ts';

// Each function parses the value of one flag, for commander. A second parameter means that the flag can be repeated.

export const readUsername = matching(
  '--username',
  /^[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*$/,
  'lower case letters and digits, as in a repository name',
);

export function readRegistry(value: string): string {
  if (!isRegistryHost(value)) throw new ConfigurationError('--registry', value, 'HOST or HOST:PORT, without https://');
  return value;
}

export const readTag = matching('--tag', /^\w[\w.-]{0,127}$/, 'up to 128 letters, digits, ".", "_" or "-"');

export const readPlatform = matching(
  '--platform',
  /^linux\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/,
  'linux/ARCHITECTURE, for example linux/amd64',
);

const reference = /^[\w[][\w.:/@[\]-]*$/;

export const readRuntimeImage = image('--runtime-image');

/** The variable that gives the default of --runtime-image. Only flags are read by commander. */
export const readRuntimeImageVariable = image('MODELWHISK_RUNTIME_IMAGE');

export const readBaseImage = image('--base');

export const readImage = image('--image');

export function readPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) throw new ConfigurationError('--port', value, 'a TCP port, from 1 to 65535');
  return port;
}

export { parseBatch as readBatch } from '../image/catalogue/batch-flag.ts';
export { parseReady as readReady } from '../image/catalogue/route-flags.ts';

export function readPredict(value: string): PredictFlag {
  return parsePredict(value);
}

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

/** Adds names, separated by commas or spaces. */
export function readModels(value: string, before: readonly string[] = []): readonly string[] {
  const names = splitNames(value);
  if (names.some((name) => name === '' || name.startsWith('-')))
    throw new ConfigurationError('--models', value, 'names with one comma or space between them');
  return [...new Set([...before, ...names])];
}

/** Adds comma-separated hosts. */
export const readInsecure = hosts('--insecure');

/** Adds comma-separated hosts. */
export const readAllowRedirect = hosts('--allow-redirect');

/** Adds comma-separated platforms, or all platforms. */
export function readFor(value: string, before: readonly DeployTarget[] = []): readonly DeployTarget[] {
  const known = new Map<string, readonly DeployTarget[]>([
    ...deployTargets.map((name) => [name, [name]] as const),
    ['all', deployTargets],
  ]);
  const found = splitNames(value).map((name) => known.get(name));
  if (found.includes(undefined)) throw new ConfigurationError('--for', value, [...known.keys()].join(', '));
  return [...new Set([...before, ...found.flatMap((names) => names ?? [])])];
}

/** Adds NAME=IMAGE. IMAGE alone gets the name "". */
export function readBase(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', base] = /^(?:([^=]*)=)?([\w][\w.:/@-]*)$/.exec(value) ?? [];
  if (base === undefined) throw new ConfigurationError('--base', value, 'NAME=IMAGE, or IMAGE for a single model');
  parseReference(base);
  return { ...before, [name]: base };
}

/** Parses where to write images: "oci:DIR" or "docker-archive:FILE". */
export function readOutput(value: string): ImageOutput {
  const [, kind, path] = /^(oci|docker-archive):(.+)$/s.exec(value) ?? [];
  if (path === undefined || (kind !== 'oci' && kind !== 'docker-archive')) {
    throw new ConfigurationError('--output', value, 'oci:DIR or docker-archive:FILE');
  }
  return { kind, path };
}

export const readCommand = matching('--command', /\S/, 'a command line, for example "serve --port 8090"');

export const readExpress = matching('--express', /^[^#\s]+(#[\w$.-]+)?$/, 'MODULE or MODULE#EXPORT');

/** Adds a route. */
export function readRoute(value: string, before: readonly PredictFlag[] = []): readonly PredictFlag[] {
  return [...before, parsePredict(value, '--route')];
}

/** Adds one word. Any word is allowed. */
export function readArgument(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds NAME=VALUE. */
export const readSet = assignment('--set', /^[^=]+$/);

/** Adds NAME=VALUE, where NAME is the name of an environment variable. */
export const readEnvironment = assignment('--env', /^[A-Za-z_][A-Za-z0-9_]*$/);

function matching(flag: string, pattern: RegExp, expectation: string): (value: string) => string {
  return (value) => {
    if (!pattern.test(value)) throw new ConfigurationError(flag, value, expectation);
    return value;
  };
}

/** An error of the text as a whole names the flag; a further one says which part of the reference is wrong. */
function image(flag: string): (value: string) => string {
  const read = matching(flag, reference, 'an image reference, as for docker pull');
  return (value) => {
    parseReference(read(value));
    return value;
  };
}

function hosts(flag: string): (value: string, before?: readonly string[]) => readonly string[] {
  return (value, before = []) => {
    const names = splitNames(value);
    if (!names.every(isRegistryHost)) throw new ConfigurationError(flag, value, 'HOST or HOST:PORT, without http://');
    return [...new Set([...before, ...names])];
  };
}

function assignment(
  flag: string,
  namePattern: RegExp,
): (value: string, before?: Readonly<Record<string, string>>) => Record<string, string> {
  return (value, before = {}) => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
    if (name === undefined || text === undefined || !namePattern.test(name))
      throw new ConfigurationError(flag, value, 'NAME=VALUE');
    return { ...before, [name]: text };
  };
}

function splitNames(value: string): string[] {
  return value.trim().split(/\s*,\s*|\s+/);
}
