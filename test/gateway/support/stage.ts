import { createAction, type ActionDefinition } from '../../../gateway/action.ts';
import { guestKey } from '../../../gateway/authentication.ts';
import { createGateway, type GatewayOptions } from '../../../gateway/server.ts';
import { startActionContainer, type ActionContainer } from './action-container.ts';
import { send, type Received, type SendOptions } from './send.ts';

/** The gateway with one action container behind all its actions. */
export interface Stage {
  readonly url: string;
  readonly container: ActionContainer;
  /** Calls a web action: `path` follows `/api/v1/web/`. */
  web(path: string, options?: SendOptions): Promise<Received>;
  close(): Promise<void>;
}

/** The callers of upstream's tests. Each conformance test runs for both. */
export const callers = [
  { caller: 'anonymous', credentials: {} },
  {
    caller: 'authenticated',
    credentials: { Authorization: `Basic ${Buffer.from(guestKey).toString('base64')}` },
  },
] as const;

export const methodsWithEntity = ['POST', 'PUT', 'DELETE', 'PATCH', 'GET', 'OPTIONS'] as const;
export const methods = [...methodsWithEntity, 'HEAD'] as const;

/** A small PNG image (upstream's own sample is another). */
export const pngImage = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const parameters = [
  { key: 'x', value: 'X' },
  { key: 'y', value: 'Y' },
  { key: 'z', value: 'Z' },
  { key: 'empty', value: null },
];
const customOptions = { 'web-custom-options': true };

/** The actions of upstream's WebActionsApiTests, and one whose CORS headers the controller sets. */
const conformanceActions: readonly Omit<ActionDefinition, 'source'>[] = [
  { package: 'proxy', name: 'export_c', parameters, annotations: customOptions },
  { package: 'proxy', name: 'raw_export_c', parameters, annotations: { ...customOptions, 'raw-http': true } },
  { name: 'export_c', parameters, annotations: customOptions },
  { name: 'default_options', parameters },
  { name: 'c', parameters, annotations: { 'web-export': false } },
  { name: 'auth_user', annotations: { ...customOptions, 'require-whisk-auth': true } },
  { name: 'auth_key', annotations: { ...customOptions, 'require-whisk-auth': 'example-key' } },
  { name: 'auth_number', annotations: { ...customOptions, 'require-whisk-auth': 1234 } },
  { name: 'auth_open', annotations: { ...customOptions, 'require-whisk-auth': false } },
  { name: 'auth_wrong', annotations: { ...customOptions, 'require-whisk-auth': null } },
  { name: 'auth_default_options', annotations: { 'require-whisk-auth': true } },
];

export async function startStage(
  options: Partial<GatewayOptions> = {},
  definitions: readonly Omit<ActionDefinition, 'source'>[] = conformanceActions,
): Promise<Stage> {
  const container = await startActionContainer();
  const actions = definitions.map((definition) =>
    createAction({ ...definition, source: { kind: 'container', url: container.url } }),
  );
  const gateway = createGateway({ ...options, actions });
  const url = await gateway.listen(0, '127.0.0.1');
  return {
    url,
    container,
    web: (path, sendOptions) => send(`${url}/api/v1/web/${path}`, sendOptions),
    close: async () => {
      await gateway.close();
      await container.close();
    },
  };
}
