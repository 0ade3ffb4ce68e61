import type { PageActivation } from '../../page/wire.ts';
import { qualifiedName } from '../action.ts';
import type { Activation } from '../invoker/activation.ts';

/** What the page shows of an activation that has ended. */
export async function describeActivation({ request, start, end, outcome }: Activation): Promise<PageActivation> {
  const { waitTime, initTime, instance } = outcome;
  return {
    id: request.activationId,
    action: qualifiedName(request.action),
    end,
    duration: end - start,
    wait: waitTime,
    ...(initTime !== undefined && { init: initTime }),
    ...timesOf(await outcome.logs),
    status: statusOf(outcome.response),
    instance,
  };
}

/** The adapter logs one line of JSON per call, with the model server's time and its own. */
function timesOf(logs: readonly string[]): { model?: number; adapter?: number } {
  for (const line of logs.toReversed()) {
    const [, model, adapter] = /"modelMilliseconds":([\d.]+),"adapterMilliseconds":([\d.]+)/.exec(line) ?? [];
    if (model !== undefined) return { model: Number(model), adapter: Number(adapter) };
  }
  return {};
}

function statusOf({ status, result }: Activation['outcome']['response']): number {
  if (status === 'action developer error' || status === 'whisk internal error') return 502;
  const given: unknown =
    typeof result === 'object' && result !== null && 'statusCode' in result && result['statusCode'];
  const code = Number(given);
  return Number.isInteger(code) && code >= 100 ? code : status === 'success' ? 200 : 400;
}
