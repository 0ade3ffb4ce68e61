import { isIP } from 'node:net';
import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readChoice, readPort, readWholeNumber } from '../../core/settings.ts';
import { filledDirectory } from '../archive/filled-directory.ts';
import { type Archive, chooseArchive, readModelVariable } from '../archive/settings.ts';
import { type ImageSettings, readImageSettings } from './image.ts';
import { readWarmUp } from './warm-up.ts';
import type { WarmUp } from '../model/warm-up.ts';
import { readPassedVariables } from './model-environment.ts';
import { detectPlatform } from '../platforms/detect.ts';
import type { Platform, PlatformSettings } from '../platforms/platform.ts';
import { knownSettings } from './known.ts';

/** All settings of the adapter, read once at the start. */
export interface Configuration extends ImageSettings, PlatformSettings {
  /** The model, if it is kept outside the image. */
  readonly archive: Archive | undefined;
  /** The directory in which the platform has put a model; it takes the place of the archive. */
  readonly modelDirectory: string | undefined;
  /** Environment variable that tells the model server the directory of a model outside of the image. */
  readonly modelVariable: string;
  readonly platform: Platform;
  /** The request that is sent before calls are taken; undefined for none. */
  readonly warmUp: WarmUp | undefined;
  /** TCP port of metrics and health; undefined for none. */
  readonly metricsPort: number | undefined;
  /** Matches names of variables that the model server gets although the platform withholds them. */
  readonly passed: RegExp | undefined;
  /** Whether calls may share a request, if the row has a route for it. */
  readonly batch: 'on' | 'off';
  /** Milliseconds that running calls have to finish after SIGTERM. Undefined means their own time limits. */
  readonly drainTimeout: number | undefined;
}

/**
 * Reads the adapter's settings from the environment.
 *
 * Rejects with ConfigurationError with the variable, the value received and what was expected. Unknown `MODELWHISK_*`
 * variables are refused, because a misspelt setting would be ignored silently.
 *
 * @param words the adapter's arguments: the command of the model server, if the image does not have it
 */
export async function readConfiguration(
  environment: Environment,
  words: readonly string[] = [],
): Promise<Configuration> {
  refuseUnknown(environment);
  const platform = detectPlatform(environment, words);
  platform.checkArguments?.(words);
  const command = platform.startArguments?.test(words.join(' ')) === true ? [] : words;
  const { row, base } = await readImageSettings(environment, command);
  const port = readPort(environment, 'MODELWHISK_PORT') ?? platform.port(environment);
  return Object.freeze({
    row,
    base,
    archive: chooseArchive(row, environment),
    modelDirectory: await filledDirectory(platform.modelDirectory?.(environment)),
    modelVariable: readModelVariable(row, environment),
    platform,
    passed: readPassedVariables(environment),
    batch: readChoice(environment, 'MODELWHISK_BATCH', ['on', 'off']) ?? 'on',
    address: readAddress(environment),
    port,
    metricsPort: readMetricsPort(environment, port),
    warmUp: readWarmUp(row, environment),
    log: readChoice(environment, 'MODELWHISK_LOG', ['json', 'off']) ?? 'json',
    cors: readChoice(environment, 'MODELWHISK_CORS', ['platform', 'model']) ?? 'platform',
    errorOutput: readChoice(environment, 'MODELWHISK_ERROR_OUTPUT', ['log', 'reply']) ?? 'log',
    maximumHeaders: readHeaderBytes(environment) ?? 65_536,
    maximumBody: readBytes(environment, 'MODELWHISK_BODY_MAX_BYTES') ?? 32 * 1024 * 1024,
    deadlineMargin: readMilliseconds(environment, 'MODELWHISK_DEADLINE_MARGIN') ?? 500,
    drainTimeout: readMilliseconds(environment, 'MODELWHISK_DRAIN_TIMEOUT'),
  });
}

function readMetricsPort(environment: Environment, port: number): number | undefined {
  const metricsPort = readPort(environment, 'MODELWHISK_METRICS_PORT');
  if (metricsPort !== port) return metricsPort;
  throw new ConfigurationError('MODELWHISK_METRICS_PORT', String(metricsPort), "another port than the calls'");
}

function readAddress(environment: Environment): string | undefined {
  const address = environment['MODELWHISK_ADDRESS'];
  if (address === undefined || isIP(address) > 0) return address;
  throw new ConfigurationError('MODELWHISK_ADDRESS', address, 'an IP address, for example 127.0.0.1');
}

function readMilliseconds(environment: Environment, name: string): number | undefined {
  return readWholeNumber(environment, name, 'whole milliseconds', { most: 9_999_999 });
}

function readBytes(environment: Environment, name: string): number | undefined {
  return readWholeNumber(environment, name, 'whole bytes', { least: 1, most: 9_999_999_999 });
}

function readHeaderBytes(environment: Environment): number | undefined {
  return readWholeNumber(environment, 'MODELWHISK_HEADERS_MAX_BYTES', 'whole bytes', { least: 1, most: 9_999_999 });
}

function refuseUnknown(environment: Environment): void {
  const names = knownSettings.flatMap(({ settings }) => settings.map(({ name }) => name));
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('MODELWHISK_') || names.includes(name)) continue;
    throw new ConfigurationError(name, value, `one of the known settings: ${names.join(', ')}`);
  }
}
