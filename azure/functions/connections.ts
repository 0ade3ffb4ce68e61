import { QueueServiceClient } from '@azure/storage-queue';
import { ConfigurationError } from '../../core/errors.ts';
import { parseConnectionString, type SignalRAccount } from '../signalr/connection-string.ts';
import type { FunctionApp } from './app.ts';

/** What the app's connection strings lead to, by the names of their settings. */
export interface Connections {
  signalR(setting: string): SignalRAccount;
  storage(setting: string): QueueServiceClient;
}

/**
 * Parses every connection string that the functions name, so that a wrong one is known at the start.
 *
 * @throws ConfigurationError
 */
export function connectionsOf({ functions, settings }: FunctionApp): Connections {
  const connections: Connections = {
    signalR: (setting) => parseConnectionString(settings[setting] ?? '', setting),
    storage: (setting) => storageOf(settings[setting] ?? '', setting),
  };
  for (const each of functions) {
    if (each.kind === 'negotiate') connections.signalR(each.signalR.setting);
    if (each.kind === 'queue') connections.storage(each.setting);
    if (each.kind === 'queue' && each.output !== undefined) connections.signalR(each.output.setting);
  }
  return connections;
}

function storageOf(text: string, setting: string): QueueServiceClient {
  try {
    return QueueServiceClient.fromConnectionString(text, { retryOptions: { maxTries: 1 } });
  } catch (cause) {
    const shown = text.replace(/(AccountKey=)[^;]*/i, '$1…');
    throw new ConfigurationError(setting, shown, 'the connection string of a storage account', { cause });
  }
}
