import { ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import type { BaseCommand } from '../model/http/command.ts';
import type { Platform } from '../platforms/platform.ts';

/** What decides which variables the model server gets. */
export interface ModelEnvironmentOptions {
  readonly platform: Pick<Platform, 'withheld'>;
  /** What the base image says, and among that the values that it gave to variables which the image empties. */
  readonly base: Pick<BaseCommand, 'environment'>;
  /** `MODELWHISK_PASS_VARIABLES`. */
  readonly passed: RegExp | undefined;
}

/**
 * The variables that the model server gets of those that the adapter was started with: all that the base image and the
 * operator set, but not the adapter's settings, and not those in which the platform tells of itself and keeps its
 * secrets. Each platform's descriptor says which those are.
 *
 * The image empties some that the base sets, since they would change the adapter's own Node.js and loader: the model
 * server gets the base's values, or what the operator set in their place.
 */
export function modelEnvironment(
  environment: Environment,
  { platform, base, passed }: ModelEnvironmentOptions,
): Record<string, string> {
  const chosen: Record<string, string> = { ...base.environment };
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || name.startsWith('MODELWHISK_')) continue;
    if (platform.withheld.test(name) && passed?.test(name) !== true) continue;
    if (value !== '' || chosen[name] === undefined) chosen[name] = value;
  }
  return chosen;
}

/**
 * Reads `MODELWHISK_PASS_VARIABLES`: names of variables that the model server gets although its platform's default
 * withholds them, separated by commas, as "AWS_*,IDENTITY_ENDPOINT". A "*" at the end stands for any further characters.
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
 * Gives an app in this process the environment that a model server has. What the adapter needs, it must have copied
 * before. Variables that Node.js reads once, while it starts, are left out: set later, they would only take this process
 * for a worker of another.
 */
export function enterModelEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (variables[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (!workerVariables.test(name)) process.env[name] = value;
}

/** By these node:cluster and node:child_process tell a process that it is a worker; even an empty one does. */
const workerVariables = /^NODE_(UNIQUE_ID|CHANNEL_FD|CHANNEL_SERIALIZATION_MODE)$/;

/** Drops what a base image may have set and takes this process for a worker of another. */
export function leaveWorkerEnvironment(): void {
  for (const name of Object.keys(process.env)) if (workerVariables.test(name)) delete process.env[name];
}
