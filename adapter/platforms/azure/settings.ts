import { type Environment, readText, readWholeNumber } from '../../../core/settings.ts';

/** Names in the function app's files, which an invocation does not contain. */
export interface AzureSettings {
  /**
   * `MODELWHISK_AZURE_ROUTE_PREFIX`: host.json's `extensions.http.routePrefix`, which may be empty. Default "api".
   */
  readonly routePrefix: string;
  /** `MODELWHISK_AZURE_HTTP_OUTPUT`: name of the functions' `http` output binding, or "$return". Default "res". */
  readonly httpOutput: string;
  /** `MODELWHISK_AZURE_SIGNALR_OUTPUT`: name of the `signalR` output binding. Default "signalRMessages". */
  readonly signalROutput: string;
  /** `MODELWHISK_AZURE_SIGNALR_TARGET`: method of the clients that each message calls. Default "newResult". */
  readonly signalRTarget: string;
  /** `MODELWHISK_AZURE_TIMEOUT`: time limit of a call in milliseconds. Default 230,000, the load balancer's limit. */
  readonly timeout: number;
}

/** @throws ConfigurationError with the variable, the value received and what was expected */
export function readAzureSettings(environment: Environment): AzureSettings {
  return Object.freeze({
    routePrefix: readText(environment, 'MODELWHISK_AZURE_ROUTE_PREFIX', routePrefix, routePrefixExpectation) ?? 'api',
    httpOutput: readBindingName(environment, 'MODELWHISK_AZURE_HTTP_OUTPUT') ?? 'res',
    signalROutput: readBindingName(environment, 'MODELWHISK_AZURE_SIGNALR_OUTPUT') ?? 'signalRMessages',
    signalRTarget:
      readText(environment, 'MODELWHISK_AZURE_SIGNALR_TARGET', /[^]/, 'the name of a method') ?? 'newResult',
    timeout: readWholeNumber(environment, 'MODELWHISK_AZURE_TIMEOUT', 'whole milliseconds', limits) ?? 230_000,
  });
}

const routePrefix = /^([\w.~-]+(\/[\w.~-]+)*)?$/;
const routePrefixExpectation = 'a path without "/" at its ends, as in host.json';
const limits = { least: 1, most: 999_999_999 } as const;

function readBindingName(environment: Environment, name: string): string | undefined {
  return readText(environment, name, /^(\$return|[A-Za-z]\w*)$/, 'the name of a binding, as in function.json');
}
