import { callModel } from '../../call/call-model.ts';
import { ModelServerError } from '../../errors.ts';
import type { PlatformContext } from '../platform.ts';
import { functionError } from './function-error.ts';
import { maximumReply } from './response.ts';
import type { RuntimeApi } from './runtime-api.ts';
import type { LambdaSettings } from './settings.ts';
import { isSuccessStatus } from '../../http/status.ts';

/**
 * Lets Lambda take its snapshot of this process, and resolves when the process is restored (docs/protocols/lambda.md).
 * Before and after, the model server gets a POST to the paths in the settings.
 *
 * Rejects if one of them fails. Lambda gets the reason; the caller of this function reports a failure of the first as a
 * failed start.
 */
export async function restoreFromSnapshot(
  api: RuntimeApi,
  context: PlatformContext,
  { beforeSnapshot, afterRestore }: LambdaSettings,
): Promise<void> {
  await callHook(context, beforeSnapshot, 'before the snapshot', 60_000);
  await api.waitForRestore();
  // The other end of an old connection does not know this copy of the process.
  context.model.renewConnections?.();
  try {
    await callHook(context, afterRestore, 'after the restore', longestRestore);
  } catch (error) {
    await api.failRestore(functionError(error)).catch(() => undefined);
    throw error;
  }
}

/** Milliseconds that Lambda gives the work after a restore (snapstart-runtime-hooks). */
const longestRestore = 10_000;

async function callHook(
  context: PlatformContext,
  path: string | undefined,
  when: string,
  milliseconds: number,
): Promise<void> {
  if (path === undefined) return;
  const [route = '/', query = ''] = path.split(/\?(.*)/s);
  const { response } = await callModel(
    { ...context, traces: undefined },
    {
      id: `hook ${when}`,
      end: Date.now() + milliseconds,
      build: (limits) => ({ method: 'POST', path: route, query, headers: [], body: Buffer.alloc(0), ...limits }),
    },
    maximumReply,
    'keep',
  );
  if (isSuccessStatus(response.status)) return;
  const said = response.body.toString().slice(0, 200);
  throw new ModelServerError('MODEL_REPLY', `${path}, called ${when}, answered ${response.status}: ${said}`);
}
