import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { ConfigurationError, messageOf, ModelwhiskError } from '../../core/errors.ts';
import type { DeployRequest } from '../../deploy/deployment.ts';
import { shortReference } from '../../core/reference.ts';
import { apiUrl, readOpenWhiskProperties } from '../wskprops.ts';
import type { CommandContext } from '../context.ts';

/** The actions of a namespace, through Apache's client of the REST API. */
export interface OpenWhiskActions {
  readonly apiHost: string;
  /** `ours` if this program has created the action, else `foreign`. */
  state(name: string): Promise<'missing' | 'ours' | 'foreign'>;
  /** Creates or replaces a web action. Resolves to its URL. */
  put(request: DeployRequest, raw: boolean): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * Opens the namespace in ~/.wskprops or in the official clients' variables.
 *
 * @throws ConfigurationError if the host or the credentials are missing
 */
export async function openWhiskActions({ environment }: CommandContext): Promise<OpenWhiskActions> {
  const { apiHost, auth } = readOpenWhiskProperties(environment);
  const where = 'in ~/.wskprops, where wsk property set writes it, or in the environment';
  if (apiHost === undefined) throw new ConfigurationError('APIHOST (__OW_API_HOST)', apiHost, `a host or URL ${where}`);
  if (auth === undefined) throw new ConfigurationError('AUTH (__OW_API_KEY)', auth, `UUID:KEY ${where}`);
  const { default: openwhisk } = await import('openwhisk');
  const base = apiUrl(apiHost);
  const client = openwhisk({ apihost: base, api_key: auth });
  return {
    apiHost: base,
    state: async (name) => {
      const action = await readable(client.actions.get({ name }), base, true);
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
      const { namespace } = (await readable(client.actions.update({ name: row.name, action }), base)) ?? {};
      return `${base}/api/v1/web/${namespace}/default/${row.name}`;
    },
    remove: async (name) => void (await readable(client.actions.delete({ name }), base)),
  };
}

/** Marks actions that this program may overwrite without asking. */
const ownAnnotation = 'modelwhisk';

interface ActionDocument {
  readonly namespace: string;
  readonly annotations: readonly { readonly key: string }[];
}

async function readable(
  reply: Promise<ActionDocument>,
  base: string,
  mayBeMissing = false,
): Promise<ActionDocument | undefined> {
  try {
    return await reply;
  } catch (cause) {
    const status = Number(cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined);
    if (status === 404 && mayBeMissing) return undefined;
    const [said = ''] = messageOf(cause).split('\n', 1);
    // The client has no status where there was no reply.
    if (Number.isNaN(status)) {
      const reason = said.replace(/^Unknown Error From API: /, '');
      const hint = 'check APIHOST of ~/.wskprops, or __OW_API_HOST, and the network';
      throw new ModelwhiskError('OPENWHISK', `OpenWhisk at ${base} cannot be reached: ${reason}`, { cause, hint });
    }
    const hint = status === 401 ? { hint: 'correct AUTH of ~/.wskprops, or __OW_API_KEY' } : {};
    throw new ModelwhiskError('OPENWHISK', `OpenWhisk refuses: ${said}`, { cause, ...hint });
  }
}

/**
 * Calls the action until its model server gives any answer. The first call pulls and starts the image. Rejects with
 * ModelwhiskError if it cannot start, or does not start within ten minutes.
 */
export async function firstAnswer(url: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + 600_000;
  for (;;) {
    const { status, text } = await call(url, signal);
    if (isFailedStart(status, text)) {
      throw new ModelwhiskError('NOT_STARTED', `the action does not start: ${text}`, {
        hint: 'wsk activation list, and wsk activation logs with the id, tell more',
      });
    }
    // 202: the activation still runs after a minute. 502 and 503: no instance yet.
    if (status !== undefined && ![202, 502, 503].includes(status)) return;
    if (Date.now() > end) {
      throw new ModelwhiskError('NOT_STARTED', `the action still answers ${status ?? 'with an error'}: ${text}`);
    }
    await sleep(2000, undefined, { signal });
  }
}

/** Without a status if the connection fails. A proxy may close that of a call that takes long, so it is no answer yet. */
async function call(url: string, signal: AbortSignal): Promise<{ status: number | undefined; text: string }> {
  try {
    const { statusCode, body } = await request(url, { signal });
    return { status: statusCode, text: await body.text() };
  } catch (error) {
    signal.throwIfAborted();
    return { status: undefined, text: messageOf(error) };
  }
}

/** Recognises the controller's own error, whose `code` is an activation id. */
function isFailedStart(status: number | undefined, text: string): boolean {
  return status === 400 && /"code":\s*"\w{32}"/.test(text) && /initializ|exited unexpectedly|time limits/.test(text);
}
