import { randomUUID } from 'node:crypto';
import { codeOf } from '../../../core/errors.ts';
import { findProcesses } from '../../../adapter/model/http/processes.ts';
import { createAction, type ActionDefinition } from '../../../gateway/action.ts';
import type { Activation } from '../../../gateway/invoker/activation.ts';
import { createGateway } from '../../../gateway/server.ts';
import { bundledAdapter } from '../../adapter/bundled.ts';
import { send, type Received, type SendOptions } from '../../gateway/support/send.ts';
import type { ServerSetting } from './rows.ts';

/** The whole way: the gateway, an adapter process that it starts and replaces like an invoker, and a model server. */
export interface Stage {
  readonly url: string;
  readonly activations: readonly Activation[];
  /** All lines of the adapter and the model server. */
  readonly lines: readonly string[];
  /** Calls the web action; `path` starts with "/" and may hold a query. */
  readonly call: (path: string, options?: SendOptions) => Promise<Received>;
  readonly close: () => Promise<void>;
}

export interface StageOptions {
  readonly raw?: boolean;
  readonly limits?: ActionDefinition['limits'];
  /** Variables of the adapter. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of Node.js before the adapter's main module. */
  readonly nodeOptions?: readonly string[];
  /** A program, with arguments, that runs the rest of the command line. */
  readonly wrapper?: readonly string[];
}

export async function startStage(setting: ServerSetting, options: StageOptions = {}): Promise<Stage> {
  const { raw = false, limits = {}, environment = {}, nodeOptions = [], wrapper = [] } = options;
  const [command, ...words] = [...wrapper, process.execPath, ...nodeOptions, await bundledAdapter()];
  const owner = randomUUID();
  const action = createAction({
    name: 'subject',
    annotations: { 'raw-http': raw, 'web-custom-options': true },
    limits,
    source: {
      kind: 'process',
      command,
      arguments: words,
      environment: {
        MODEL_SERVER_OF: owner,
        MODELWHISK_MODEL: JSON.stringify(setting.row),
        ...setting.environment,
        ...environment,
      },
      directory: import.meta.dirname,
    },
  });
  const activations: Activation[] = [];
  const lines: string[] = [];
  const gateway = createGateway({
    actions: [action],
    onActivation: (activation) => activations.push(activation),
    onLog: (_, line) => lines.push(line.text),
  });
  const url = await gateway.listen(0, '127.0.0.1');
  return {
    url,
    activations,
    lines,
    call: async (path, sendOptions) => send(`${url}/api/v1/web/guest/default/subject${path}`, sendOptions),
    close: async () => {
      await gateway.close();
      await endLeftOvers(`MODEL_SERVER_OF=${owner}`);
    },
  };
}

/** The gateway kills only the adapter's process. Without a container, the adapter's child survives that. */
async function endLeftOvers(mark: string): Promise<void> {
  for (const pid of await findProcesses(-1, mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It may have ended meanwhile.
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}
