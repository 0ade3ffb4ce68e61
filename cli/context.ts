import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../core/settings.ts';
import type { EngineOptions } from '../image/engines/engine.ts';
import { readRuntimeImageVariable } from './flags.ts';
import { installation } from './installation.ts';
import type { BuildOptions } from './options.ts';
import { type Colours, coloursFor, type Output } from './output.ts';

/** The parts of the process that the program uses. */
export interface Io extends Output {
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal;
  /** How the user calls the program, for examples and hints. Default "./build.ts". */
  readonly program?: string;
}

/** What every command gets. */
export interface CommandContext extends Output {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly program: string;
  /** Separate for stdout and stderr, because only one may be a terminal. */
  readonly colours: { readonly stdout: Colours; readonly stderr: Colours };
  /** The program's exit code. 0 unless a command sets another one. */
  exitCode: number;
}

export function commandContext(environment: CommandContext['environment'], io: Io): CommandContext {
  return {
    stdout: io.stdout,
    stderr: io.stderr,
    environment,
    signal: io.signal ?? new AbortController().signal,
    program: io.program ?? './build.ts',
    colours: { stdout: coloursFor(io.stdout, environment), stderr: coloursFor(io.stderr, environment) },
    exitCode: 0,
  };
}

/**
 * Options of engines, and of building the adapter's layers.
 *
 * @throws ConfigurationError if MODELWHISK_RUNTIME_IMAGE is no image
 */
export function engineOptions(
  {
    runtimeImage,
    allowCopy,
    insecure,
    allowRedirect,
    output,
    dryRun = false,
    verbose,
  }: Pick<BuildOptions, 'runtimeImage' | 'insecure' | 'allowRedirect' | 'verbose'> &
    Partial<Pick<BuildOptions, 'allowCopy' | 'output' | 'dryRun'>>,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): EngineOptions {
  const isDefault = runtimeImage === environment['MODELWHISK_RUNTIME_IMAGE'];
  return {
    runtimeImage: isDefault ? readRuntimeImageVariable(runtimeImage) : runtimeImage,
    cacheFolder: cacheFolder(environment),
    adapterEntry: installation.adapterEntry,
    environment,
    allowCopy,
    insecureRegistries: insecure,
    allowedHosts: allowRedirect,
    output: dryRun ? undefined : output,
    verbose,
    signal,
  };
}

/** The cache folder (XDG Base Directory Specification). */
export function cacheFolder(environment: Environment): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'modelwhisk');
}
