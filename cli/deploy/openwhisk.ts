import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, messageOf, ModelwhiskError } from '../../core/errors.ts';
import type { DeployRequest } from '../../deploy/deployment.ts';
import { shortReference } from '../../core/reference.ts';
import { readOpenWhiskProperties } from '../wskprops.ts';
import type { CommandContext } from '../context.ts';

/** The actions of a namespace, over the REST API by Apache's own client. */
export interface OpenWhiskActions {
  readonly apiHost: string;
  /** `missing`, `ours` where this program has created it, else `foreign`. */
  state(name: string): Promise<'missing' | 'ours' | 'foreign'>;
  /** Creates or replaces a web action, and resolves to its URL. */
  put(request: DeployRequest, raw: boolean): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * Opens the namespace that ~/.wskprops names, or the official clients' variables.
 *
 * @throws ConfigurationError where host or credentials are missing
 */
export async function openWhiskActions({ environment }: CommandContext): Promise<OpenWhiskActions> {
  const { apiHost, auth } = readOpenWhiskProperties(environment);
  const expectation = 'set in ~/.wskprops, as wsk property set does, or in the environment';
  if (apiHost === undefined) throw new ConfigurationError('APIHOST (__OW_API_HOST)', apiHost, expectation);
  if (auth === undefined) throw new ConfigurationError('AUTH (__OW_API_KEY)', auth, expectation);
  const { default: openwhisk } = await import('openwhisk');
  const base = /^https?:/.test(apiHost) ? apiHost.replace(/\/$/, '') : `https://${apiHost}`;
  const client = openwhisk({ apihost: base, api_key: auth });
  return {
    apiHost: base,
    state: async (name) => {
      const action = await readable(client.actions.get({ name }), true);
      if (action === undefined) return 'missing';
      return action.annotations.some(({ key }) => key === ownAnnotation) ? 'ours' : 'foreign';
    },
    put: async ({ row, image }, raw) => {
      const action = {
        exec: { kind: 'blackbox', image: shortReference(image) },
        annotations: [
          { key: 'web-export', value: true },
          { key: 'raw-http', value: raw },
          { key: 'final', value: true },
          { key: ownAnnotation, value: row.image },
        ],
        limits: { memory: row.memory, timeout: 300_000 },
      };
      const { namespace } = (await readable(client.actions.update({ name: row.name, action }), false)) ?? {};
      return `${base}/api/v1/web/${namespace}/default/${row.name}`;
    },
    remove: async (name) => void (await readable(client.actions.delete({ name }), false)),
  };
}

/** Marks actions that this program may overwrite without asking. */
const ownAnnotation = 'modelwhisk';

interface ActionDocument {
  readonly namespace: string;
  readonly annotations: readonly { readonly key: string }[];
}

async function readable(reply: Promise<ActionDocument>, mayBeMissing: boolean): Promise<ActionDocument | undefined> {
  try {
    return await reply;
  } catch (cause) {
    const status = cause instanceof Error && 'statusCode' in cause ? Number(cause.statusCode) : undefined;
    if (status === 404 && mayBeMissing) return undefined;
    const hint = status === 401 ? 'AUTH of ~/.wskprops is refused' : undefined;
    throw new ModelwhiskError('OPENWHISK', `OpenWhisk refuses: ${messageOf(cause).split('\n', 1)[0]}`, {
      cause,
      ...(hint !== undefined && { hint }),
    });
  }
}

/**
 * Calls the action until its model server answers, whatever it answers: the first call pulls the image and starts it.
 * Rejects with ModelwhiskError where it cannot start, or does not within ten minutes.
 */
export async function firstAnswer(url: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + 600_000;
  for (;;) {
    const response = await fetch(url, { signal });
    const text = await response.text();
    // 202 after a minute: the activation goes on. 502 and 503: nothing to run it on yet.
    if (![202, 502, 503].includes(response.status)) {
      if (isFailedStart(response.status, text)) {
        throw new ModelwhiskError('NOT_STARTED', `the action does not start: ${text}`, {
          hint: 'wsk activation list, and wsk activation logs with the id, tell more',
        });
      }
      return;
    }
    if (Date.now() > end)
      throw new ModelwhiskError('NOT_STARTED', `the action still answers ${response.status}: ${text}`);
    await sleep(2000, undefined, { signal });
  }
}

/** The controller's own error: a model server's would not name an activation by `code`. */
function isFailedStart(status: number, text: string): boolean {
  return status === 400 && /"code":\s*"\w{32}"/.test(text) && /initializ|exited unexpectedly|time limits/.test(text);
}
