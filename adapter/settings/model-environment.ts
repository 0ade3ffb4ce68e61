import { ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import type { BaseCommand } from '../model/http/command.ts';
import type { Platform } from '../platforms/platform.ts';

/** Decides which variables the model server gets. */
export interface ModelEnvironmentOptions {
  readonly platform: Pick<Platform, 'withheld'>;
  /** The base image's values of variables that the adapter's image empties. */
  readonly base: Pick<BaseCommand, 'environment'>;
  /** `MODELWHISK_PASS_VARIABLES`. */
  readonly passed: RegExp | undefined;
}

/**
 * The variables for the model server: all that the base image and the operator set, without the adapter's settings and
 * without the platform's own information and secrets (see Platform.withheld).
 *
 * The adapter's image empties some variables of the base image that would change the adapter's Node.js and loader. The
 * model server gets the base image's values, or the operator's.
 */
export function modelEnvironment(
  environment: Environment,
  { platform, base, passed }: ModelEnvironmentOptions,
): Record<string, string> {
  const chosen: Record<string, string> = { ...base.environment };
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || name.startsWith('MODELWHISK_')) continue;
    if (platform.withheld.test(name) && passed?.test(name) !== true) continue;
    if (value !== '' || chosen[name] === undefined) chosen[name] = appended(value, name, base.environment[name]);
  }
  return chosen;
}

/**
 * Cloud Run appends its path of NVIDIA's driver to the image's LD_LIBRARY_PATH, which the adapter's image empties
 * (docs.cloud.google.com/run/docs/configuring/services/gpu, "About the NVIDIA driver version"). What it appended
 * follows the base image's value.
 */
function appended(value: string, name: string, ofBase: string | undefined): string {
  return name === 'LD_LIBRARY_PATH' && value.startsWith(':') && ofBase !== undefined ? `${ofBase}${value}` : value;
}

/**
 * Reads `MODELWHISK_PASS_VARIABLES`: comma-separated names of variables that the model server gets although the
 * platform withholds them, for example "AWS_*,IDENTITY_ENDPOINT". A "*" at the end matches any further characters.
 *
 * @throws ConfigurationError
 */
export function readPassedVariables(environment: Environment): RegExp | undefined {
  const setting = environment['MODELWHISK_PASS_VARIABLES'];
  if (setting === undefined) return undefined;
  const names = setting.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^(\*|[A-Za-z_]\w*\*?)$/.test(name));
  if (wrong !== undefined) {
    const expectation = `names of variables separated by commas, each with an optional "*" at its end ("${wrong}" is not one)`;
    throw new ConfigurationError('MODELWHISK_PASS_VARIABLES', setting, expectation);
  }
  return new RegExp(`^(${names.map((name) => name.replace('*', '.*')).join('|')})$`);
}

/**
 * Gives this process the environment of a model server, for an app in it. The adapter must have copied its own
 * variables before. Variables that mark a worker process are left out.
 */
export function enterModelEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (variables[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (!workerVariables.test(name)) process.env[name] = value;
}

/** node:cluster and node:child_process mark worker processes with these variables, even with empty values. */
const workerVariables = /^NODE_(UNIQUE_ID|CHANNEL_FD|CHANNEL_SERIALIZATION_MODE)$/;

/** Removes variables of a base image that would mark this process as a worker. */
export function leaveWorkerEnvironment(): void {
  for (const name of Object.keys(process.env)) if (workerVariables.test(name)) delete process.env[name];
}
