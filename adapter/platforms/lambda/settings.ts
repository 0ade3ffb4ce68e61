import * as z from 'zod';
import { parseConfiguration } from '../../../core/parse.ts';

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
export function readLambdaSettings(environment: Readonly<Record<string, string | undefined>>): LambdaSettings {
  const read = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> =>
    parseConfiguration(schema, environment[name], name);
  return {
    runtimeApi: read('AWS_LAMBDA_RUNTIME_API', hostAndPort),
    maxConcurrency: read('AWS_LAMBDA_MAX_CONCURRENCY', count.default(1)),
    responseStream: read('MODELWHISK_LAMBDA_RESPONSE_STREAM', yesOrNo.default(false)),
    basePath: read('MODELWHISK_LAMBDA_BASE_PATH', basePath),
  };
}

const hostAndPort = z
  .string('the host and port of the Runtime API')
  .regex(/^[\w.-]+(:\d{1,5})?$/, 'the host and port of the Runtime API');

const count = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'a number of events, 1 or more')
  .transform(Number);

const yesOrNo = z.enum(['true', 'false']).transform((value) => value === 'true');

const basePath = z
  .string()
  .regex(/^(\/[\w.~%-]+)*$/, 'a path that starts with "/" and does not end with it, as in "/digits"')
  .default('');
