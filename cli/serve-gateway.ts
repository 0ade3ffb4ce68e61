import { once } from 'node:events';
import type { Action, ActionLimits } from '../gateway/action.ts';
import { assertCanListen } from '../gateway/listen.ts';
import { createGateway } from '../gateway/server.ts';
import type { CommandContext } from './context.ts';
import { installation } from './installation.ts';
import { keyOf } from './gateway-key.ts';
import { activationText, addressText, addressesOf, failureText } from './gateway-text.ts';
import { loadPage } from './page-files.ts';
import type { AzureServices } from './serve-azure.ts';

export interface ServeOptions {
  readonly port: number;
  /** The flag that sets `port`, for hints. Default "--port". */
  readonly portFlag?: '--port' | '--listen';
  readonly host: string;
  /** `UUID:KEY` of the namespace. Default: the one that MODELWHISK_GATEWAY_KEY names, else a new one. */
  readonly key?: string;
  /** Host names under which the gateway may be called, besides `host`, IP addresses and localhost. Default: none. */
  readonly allowHost?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** Limits of actions that the REST API creates. */
  readonly limits?: Partial<ActionLimits>;
  /** Where stand-ins for Azure listen, to be printed. Default: there are none. */
  readonly azure?: AzureServices['addresses'] | undefined;
}

/**
 * Checks the key and the address, so that nobody waits for an image before they are refused. Rejects with
 * ModelwhiskError, as `serveGateway` does.
 */
export async function checkServeOptions(
  { port, portFlag, host, key }: Pick<ServeOptions, 'port' | 'portFlag' | 'host' | 'key'>,
  { environment }: CommandContext,
): Promise<void> {
  if (key === undefined) keyOf(environment);
  await assertCanListen(port, host, portFlag);
}

/** Serves actions on this machine and prints how to call them. Resolves when the user interrupts. */
export async function serveGateway(
  actions: readonly Action[],
  {
    port,
    portFlag,
    host,
    key: given,
    allowHost = [],
    quiet = false,
    json = false,
    limits = {},
    azure = {},
  }: ServeOptions,
  { stdout, stderr, signal, environment }: CommandContext,
): Promise<void> {
  const key = given ?? keyOf(environment);
  const warn = (line: string): void => void stderr.write(`${line}\n`);
  const say = quiet ? () => undefined : warn;
  let gatewayUrl = '';
  const gateway = createGateway({
    actions,
    limits,
    hosts: [host, ...allowHost],
    key,
    page: async () => loadPage(installation, '.'),
    onActivation: (activation) => {
      say(activationText(activation));
      if (activation.outcome.response.status !== 'success') void failureText(activation, gatewayUrl, quiet).then(warn);
    },
    onLost: ({ action, activationId }) =>
      warn(`${action.name}: activation ${activationId} was lost: its container answered 503; there is no record of it`),
    onChange: ({ kind, name, change }) =>
      say(`${name}: the ${kind} was ${change}${change === 'created' ? '; it lasts until this gateway stops' : ''}`),
    onLog: (action, { text }) => say(`${action.name}: ${text}`),
  });
  try {
    const url = await gateway.listen(port, host, portFlag);
    gatewayUrl = url;
    gateway.prewarm();
    const addresses = addressesOf(actions, url, environment);
    stdout.write(
      json
        ? `${JSON.stringify({ url, namespace: 'guest', key, actions: addresses, azure })}\n`
        : addressText(addresses, { url, key, azure }),
    );
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await gateway.close();
  }
}
