import { request } from 'undici';
import { isObject } from '../json.ts';
import type { SignalRAccount } from '../signalr/connection-string.ts';
import { signToken } from '../signalr/token.ts';

/**
 * Sends the value of a `signalR` output binding, one message or a list, to all clients of a hub, over the service's REST
 * API (https://github.com/Azure/azure-signalr/blob/dev/docs/rest-api.md). Rejects if the service does not take it.
 */
export async function sendMessages(account: SignalRAccount, hub: string, output: unknown): Promise<void> {
  const messages = Array.isArray(output) ? (output as readonly unknown[]) : [output];
  const url = `${account.endpoint}/api/v1/hubs/${hub.toLowerCase()}`;
  for (const message of messages) {
    if (!isObject(message)) continue;
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await signToken(account, url)}` },
      body: JSON.stringify({ target: message['target'], arguments: message['arguments'] }),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`SignalR answered ${statusCode}: ${text}`);
  }
}

/** What a client needs to connect to a hub: the value of a `signalRConnectionInfo` binding. */
export async function connectionInfo(
  account: SignalRAccount,
  hub: string,
): Promise<{ readonly url: string; readonly accessToken: string }> {
  const url = `${account.endpoint}/client/?hub=${encodeURIComponent(hub.toLowerCase())}`;
  return { url, accessToken: await signToken(account, url) };
}
