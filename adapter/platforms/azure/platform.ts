import { ConfigurationError } from '../../../core/errors.ts';
import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/** Azure Functions, as a custom handler (learn.microsoft.com: azure-functions/functions-custom-handlers). */
export const azure: Platform = {
  name: 'azure',
  marks: /^FUNCTIONS_CUSTOMHANDLER_PORT$/,
  settings: [
    'MODELWHISK_AZURE_ROUTE_PREFIX',
    'MODELWHISK_AZURE_HTTP_OUTPUT',
    'MODELWHISK_AZURE_SIGNALR_OUTPUT',
    'MODELWHISK_AZURE_SIGNALR_TARGET',
    'MODELWHISK_AZURE_TIMEOUT',
  ],
  withheld: /^FUNCTIONS_/,
  port: (environment) => {
    const name = 'FUNCTIONS_CUSTOMHANDLER_PORT';
    const port = readPort(environment, name);
    if (port === undefined) throw new ConfigurationError(name, undefined, 'a TCP port');
    return port;
  },
  // The host waits for 30 to 60 s, by its version.
  listenDeadline: () => 25_000,
  load: async () => (await import('./server.ts')).startAzure,
};
