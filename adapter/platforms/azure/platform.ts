import { ConfigurationError } from '../../../core/errors.ts';
import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/** Azure Functions, as a custom handler (learn.microsoft.com: azure-functions/functions-custom-handlers). */
export const azure: Platform = {
  name: 'azure',
  marks: /^FUNCTIONS_CUSTOMHANDLER_PORT$/,
  settings: [
    {
      name: 'MODELWHISK_AZURE_ROUTE_PREFIX',
      meaning: "host.json's `extensions.http.routePrefix`, which may be empty.",
      default: 'api',
    },
    {
      name: 'MODELWHISK_AZURE_HTTP_OUTPUT',
      meaning: "Name of the functions' `http` output binding, or `$return`.",
      default: 'res',
    },
    {
      name: 'MODELWHISK_AZURE_SIGNALR_OUTPUT',
      meaning: 'Name of the `signalR` output binding.',
      default: 'signalRMessages',
    },
    {
      name: 'MODELWHISK_AZURE_SIGNALR_TARGET',
      meaning: 'Method of the clients that each message calls.',
      default: 'newResult',
    },
    {
      name: 'MODELWHISK_AZURE_TIMEOUT',
      meaning: "Time limit of a call, in milliseconds. The default is the load balancer's limit.",
      default: '230000',
    },
  ],
  withheld: new RegExp(
    [
      '^FUNCTIONS?_',
      '^AzureWeb',
      '^AzureFunctionsJobHost',
      '^AzureSignalR',
      '^AZURE_FUNCTIONS_',
      '^WEBSITES?_',
      '^CONTAINER_',
      '^(IDENTITY|MSI)_(ENDPOINT|HEADER|SECRET)$',
      '^MACHINEKEY_',
      '^APPSETTING_',
      '^APP(LICATION)?INSIGHTS_',
      '^DOCKER_REGISTRY_SERVER_',
      // Connection strings of the app's configuration (learn.microsoft.com: app-service/reference-app-settings).
      '^[A-Z]+CONNSTR_',
    ].join('|'),
  ),
  port: (environment) => {
    const name = 'FUNCTIONS_CUSTOMHANDLER_PORT';
    const port = readPort(environment, name);
    if (port === undefined) throw new ConfigurationError(name, undefined, 'a TCP port');
    return port;
  },
  // The host waits for 30 to 60 s, depending on its version.
  listenDeadline: () => 25_000,
  load: async () => (await import('./server.ts')).startAzure,
};
