import { ConfigurationError } from '../../../core/errors.ts';
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
}

/** @throws ConfigurationError for a missing or malformed variable */
export function readLambdaSettings(environment: Environment): LambdaSettings {
  const events = 'a number of events, 1 or more';
  return {
    runtimeApi: readRuntimeApi(environment),
    maxConcurrency: readWholeNumber(environment, 'AWS_LAMBDA_MAX_CONCURRENCY', events, { least: 1, most: 99_999 }) ?? 1,
    responseStream: readChoice(environment, 'MODELWHISK_LAMBDA_RESPONSE_STREAM', ['true', 'false']) === 'true',
    basePath: readText(environment, 'MODELWHISK_LAMBDA_BASE_PATH', basePath, basePathExpectation) ?? '',
  };
}

const basePath = /^(\/[\w.~%-]+)*$/;
const basePathExpectation = 'a path that starts with "/" and does not end with it, as in "/digits"';

function readRuntimeApi(environment: Environment): string {
  const name = 'AWS_LAMBDA_RUNTIME_API';
  const expectation = 'the host and port of the Runtime API';
  const address = readText(environment, name, /^[\w.-]+(:\d{1,5})?$/, expectation);
  if (address === undefined) throw new ConfigurationError(name, address, expectation);
  return address;
}
