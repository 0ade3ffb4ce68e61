import { ConfigurationError } from '../../../core/errors.ts';
import { type Environment, readChoice, readText, readWholeNumber } from '../../../core/settings.ts';

/** What Lambda, and the function's owner, say in the environment. */
export interface LambdaSettings {
  /** Host and port of the Runtime API. */
  readonly runtimeApi: string;
  /** Events to work on at the same time: 1 but on Managed Instances. */
  readonly maxConcurrency: number;
  /** Whether the function's URL or API has the invoke mode RESPONSE_STREAM, which only its owner knows. */
  readonly responseStream: boolean;
  /**
   * `MODELWHISK_LAMBDA_BASE_PATH`: what the paths of requests start with besides the model server's own, as "/digits":
   * the base path of a REST API's custom domain, or the path by which a load balancer's rule chooses the function.
   * Default "", nothing.
   */
  readonly basePath: string;
}

/** @throws ConfigurationError naming the variable that is missing or malformed */
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
