import { createServer } from 'node:http';
import { listen } from '../azure/listen.ts';
import { emulatorConnectionString, isLocal, parseConnectionString } from '../azure/signalr/connection-string.ts';
import { startSignalR } from '../azure/signalr/server.ts';
import { readFunctionApp } from '../azure/functions/app.ts';
import { startFunctionsHost } from '../azure/functions/host.ts';
import { isOwnHost } from '../gateway/host-check.ts';
import { processEnvironment } from '../gateway/invoker/process-environment.ts';
import type { CommandContext } from './context.ts';
import { installation } from './installation.ts';
import { loadPage } from './page-files.ts';

export interface AzureFlags {
  /** Folder of a function app to serve. */
  readonly azure?: string;
  /** Port of the function app. */
  readonly azurePort: number;
  /** Whether to stand in for SignalR alone. */
  readonly signalr?: boolean;
  readonly host: string;
  readonly allowHost?: readonly string[];
  readonly quiet?: boolean;
}

/** What runs of Azure, on this machine. */
export interface AzureServices {
  readonly addresses: { readonly functions?: string; readonly signalr?: string };
  close(): Promise<void>;
}

/** Stand-ins for Azure that can be started: their files are valid, and their ports are free. */
export interface PreparedAzure {
  /** Rejects with ModelwhiskError. */
  start(): Promise<AzureServices>;
}

/**
 * Reads the function app of the flags, and checks what can be checked before it is started. With a function app,
 * SignalR is among the stand-ins if the app's connection string is one of this machine. Rejects with ModelwhiskError.
 */
export async function prepareAzure(flags: AzureFlags, context: CommandContext): Promise<PreparedAzure> {
  const { environment, stderr, signal } = context;
  const app = flags.azure === undefined ? undefined : await readFunctionApp(flags.azure, environment);
  const text = app === undefined ? environment[setting] : app.settings[setting];
  const account = parseConnectionString(text ?? emulatorConnectionString, setting);
  const hasSignalR = app === undefined ? flags.signalr === true : isLocal(account) && text !== undefined;
  if (app !== undefined) await assertCanListen(flags.azurePort, flags.host);
  const { hostname, port } = new URL(account.endpoint);
  if (hasSignalR) await assertCanListen(Number(port || 80), hostname);
  const start = async (): Promise<AzureServices> => {
    const signalR = hasSignalR ? await startSignalR(account) : undefined;
    try {
      const functions =
        app &&
        (await startFunctionsHost({
          app,
          host: flags.host,
          port: flags.azurePort,
          environment: processEnvironment(environment),
          signal,
          isOwnHost: (host) => isOwnHost(host, [flags.host, ...(flags.allowHost ?? [])]),
          page: async () => loadPage(installation, 'azure'),
          onLine: (line) => void stderr.write(flags.quiet === true ? '' : `azure: ${line}\n`),
        }));
      return {
        addresses: { ...(functions && { functions: functions.url }), ...(signalR && { signalr: signalR.url }) },
        close: async () => {
          await functions?.close();
          await signalR?.close();
        },
      };
    } catch (error) {
      await signalR?.close();
      throw error;
    }
  };
  return { start };
}

async function assertCanListen(port: number, host: string): Promise<void> {
  await (await listen(createServer(), port, host)).close();
}

const setting = 'AzureSignalRConnectionString';
