import * as z from 'zod';
import { parseConfiguration } from '../../../core/parse.ts';

/** What the payload of an invocation does not tell: names that the function app's own files give. */
export interface AzureSettings {
  /**
   * `MODELWHISK_AZURE_ROUTE_PREFIX`: host.json's `extensions.http.routePrefix`. Default "api". An empty one cannot be
   * used: the paths of forwarded requests could not be told from the functions that the host calls.
   */
  readonly routePrefix: string;
  /** `MODELWHISK_AZURE_HTTP_OUTPUT`: name of the functions' `http` output binding, or "$return". Default "res". */
  readonly httpOutput: string;
  /** `MODELWHISK_AZURE_SIGNALR_OUTPUT`: name of the `signalR` output binding. Default "signalRMessages". */
  readonly signalROutput: string;
  /** `MODELWHISK_AZURE_SIGNALR_TARGET`: method of the clients that each message calls. Default "newResult". */
  readonly signalRTarget: string;
  /** `MODELWHISK_AZURE_TIMEOUT`: milliseconds that a call may take. Default 230,000, the load balancer's limit. */
  readonly timeout: number;
}

/** @throws ConfigurationError naming the variable, the value received and what was expected */
export function readAzureSettings(environment: Readonly<Record<string, string | undefined>>): AzureSettings {
  const read = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> =>
    parseConfiguration(schema, environment[name], name);
  return Object.freeze({
    routePrefix: read('MODELWHISK_AZURE_ROUTE_PREFIX', routePrefix),
    httpOutput: read('MODELWHISK_AZURE_HTTP_OUTPUT', bindingName.default('res')),
    signalROutput: read('MODELWHISK_AZURE_SIGNALR_OUTPUT', bindingName.default('signalRMessages')),
    signalRTarget: read('MODELWHISK_AZURE_SIGNALR_TARGET', z.string().min(1).default('newResult')),
    timeout: read('MODELWHISK_AZURE_TIMEOUT', timeout),
  });
}

const routePrefix = z
  .string()
  .regex(/^[\w.~-]+(\/[\w.~-]+)*$/, 'a path that is not empty, without "/" at its ends, as in host.json')
  .default('api');

const bindingName = z.string().regex(/^(\$return|[A-Za-z]\w*)$/, 'the name of a binding, as in function.json');

const timeout = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'whole milliseconds')
  .transform(Number)
  .default(230_000);
