import { ConfigurationError } from '../../../core/errors.ts';
import type { Compression, Encoding } from './compress.ts';
import { type Environment, readChoice, readText, readWholeNumber } from '../../../core/settings.ts';

/** Settings of Lambda and of the function's owner. */
export interface LambdaSettings {
  /** Host and port of the Runtime API. */
  readonly runtimeApi: string;
  /** The most events to answer at the same time. More than 1 only on Managed Instances. */
  readonly maxConcurrency: number;
  /** Whether the function's URL or API has the invoke mode RESPONSE_STREAM. */
  readonly responseStream: boolean;
  /**
   * `MODELWHISK_LAMBDA_BASE_PATH`: prefix of request paths before the model server's own, for example "/digits": the
   * base path of a REST API's custom domain, or the path in a load balancer's rule. Default "".
   */
  readonly basePath: string;
  /** Whether Lambda takes a snapshot of the started process. */
  readonly isSnapStart: boolean;
  /** Paths on the model server that are called before the snapshot and after each restore. */
  readonly beforeSnapshot: string | undefined;
  readonly afterRestore: string | undefined;
  /** Whether the model server gets the contexts of request and invocation as headers. */
  readonly contextHeaders: boolean;
  /** Path on the model server for unchanged events that are not HTTP requests. */
  readonly eventPath: string | undefined;
  /** Whether a reply to an HTTP event with this status fails the invocation. */
  readonly isError: (status: number) => boolean;
  /** Undefined: replies are not compressed. */
  readonly compression: Compression | undefined;
}

/** @throws ConfigurationError for a missing or malformed variable */
export function readLambdaSettings(environment: Environment): LambdaSettings {
  const events = 'a number of events, 1 or more';
  return {
    runtimeApi: readRuntimeApi(environment),
    maxConcurrency: readWholeNumber(environment, 'AWS_LAMBDA_MAX_CONCURRENCY', events, { least: 1, most: 99_999 }) ?? 1,
    responseStream: readChoice(environment, 'MODELWHISK_LAMBDA_RESPONSE_STREAM', ['true', 'false']) === 'true',
    isSnapStart: environment['AWS_LAMBDA_INITIALIZATION_TYPE'] === 'snap-start',
    beforeSnapshot: readText(environment, 'MODELWHISK_LAMBDA_BEFORE_SNAPSHOT', path, pathExpectation),
    afterRestore: readText(environment, 'MODELWHISK_LAMBDA_AFTER_RESTORE', path, pathExpectation),
    contextHeaders: readChoice(environment, 'MODELWHISK_LAMBDA_CONTEXT_HEADERS', ['true', 'false']) !== 'false',
    eventPath: readText(environment, 'MODELWHISK_LAMBDA_EVENT_PATH', path, pathExpectation),
    isError: readStatuses(environment),
    compression: readCompression(environment),
    basePath: readText(environment, 'MODELWHISK_LAMBDA_BASE_PATH', basePath, basePathExpectation) ?? '',
  };
}

const basePath = /^(\/[\w.~%-]+)*$/;
const basePathExpectation = 'a path that starts with "/" and does not end with it, as in "/digits"';

const path = /^\/[\x21-\x7e]*$/;
const pathExpectation = 'a path that starts with "/"';

function readStatuses(environment: Environment): (status: number) => boolean {
  const expectation = 'statuses and ranges of them, as in "429,500-599"';
  const range = String.raw`[1-5]\d\d(?:-[1-5]\d\d)?`;
  const pattern = new RegExp(`^${range}(?:, *${range})*$`);
  const text = readText(environment, 'MODELWHISK_LAMBDA_ERROR_STATUSES', pattern, expectation);
  const ranges = (text?.split(/, */) ?? []).map((each) => each.split('-').map(Number));
  return (status) => ranges.some(([lowest = 0, highest = lowest]) => lowest <= status && status <= highest);
}

function readCompression(environment: Environment): Compression | undefined {
  const encodings = readChoice(environment, 'MODELWHISK_LAMBDA_COMPRESS', ['off', 'gzip', 'br', 'gzip,br', 'br,gzip']);
  const types = readText(
    environment,
    'MODELWHISK_LAMBDA_COMPRESS_TYPES',
    /^[\w.+-]+\/(?:[\w.+-]+|\*)(?:,[\w.+-]+\/(?:[\w.+-]+|\*))*$/,
    'media types separated by commas, as in "text/*,application/json"',
  );
  const least = readWholeNumber(environment, 'MODELWHISK_LAMBDA_COMPRESS_LEAST_BYTES', 'whole bytes', {
    most: 999_999_999,
  });
  if (encodings === undefined || encodings === 'off') return undefined;
  return {
    encodings: encodings.split(',').flatMap((each): Encoding[] => (each === 'br' || each === 'gzip' ? [each] : [])),
    types: mediaTypes(types ?? 'text/*,application/json,application/xml,application/x-ndjson,image/svg+xml'),
    least: least ?? 1024,
  };
}

function mediaTypes(text: string): RegExp {
  const patterns = text.split(',').map((each) => each.replaceAll(/[.+]/g, String.raw`\$&`).replace('*', '.*'));
  return new RegExp(`^(?:${patterns.join('|')})$`, 'i');
}

function readRuntimeApi(environment: Environment): string {
  const name = 'AWS_LAMBDA_RUNTIME_API';
  const expectation = 'the host and port of the Runtime API';
  const address = readText(environment, name, /^[\w.-]+(:\d{1,5})?$/, expectation);
  if (address === undefined) throw new ConfigurationError(name, address, expectation);
  return address;
}
