import { isJsonText } from '../../json/object.ts';
import type { IncomingMessage } from 'node:http';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import type { ModelRow } from '../../../core/row.ts';
import { callModel } from '../../call/call-model.ts';
import { jsonResponse, tooLargeResponse } from '../../call/failure-reply.ts';
import { decodeDocument } from '../../http/charset.ts';
import { headerPairs, headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { WholeResponse } from '../../http/message.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import { checkTimeLeft, reservedEnd } from '../_event/call.ts';
import { readTrace } from '../_http/trace.ts';
import type { PlatformContext } from '../platform.ts';
import { instanceRequest, type Instances } from './instances.ts';
import type { VertexSettings } from './settings.ts';
import { isSuccessStatus } from '../../http/status.ts';

/** The circumstances of a request with instances. */
export interface PredictionWork {
  readonly context: PlatformContext;
  readonly settings: VertexSettings;
  readonly incoming: IncomingMessage;
  /** When Vertex AI stops waiting, in epoch milliseconds. */
  readonly end: number;
  /** Whether the caller has disconnected. */
  readonly isGone: () => boolean;
}

/**
 * Calls the model once for each instance, a few at a time, and answers `{"predictions": […]}` in the order of the
 * instances. An instance for which no time is left fails before the platform gives up. If any of them fails, the reply
 * has an error status. It lists the failures by index, and has the predictions of all other instances, with null for
 * those that failed.
 */
export async function predictEach({ instances, parameters }: Instances, work: PredictionWork): Promise<WholeResponse> {
  const { context, settings, incoming } = work;
  const end = reservedEnd(work.end, context);
  const { row, fetchPolicy } = context;
  const received = withoutHopByHop(headerPairs(incoming.rawHeaders));
  const headers = withoutHeaders(received, ['content-type', 'content-length', 'content-encoding', 'expect']);
  const trace = readTrace(incoming.headers);
  const responses = await inParallel(instances, settings.concurrency, work.isGone, async (instance) => {
    const { response } = await callModel(
      context,
      {
        ...trace,
        end,
        build: (limits) => {
          checkTimeLeft(end);
          return instanceRequest(instance, parameters, row, { headers, ...limits }, fetchPolicy);
        },
      },
      settings.maximumReply,
      'decode',
    );
    return response;
  });
  const predictions = responses.map((response) =>
    isSuccessStatus(response.status) ? predictionText(response, row) : 'null',
  );
  const failures = responses.flatMap((response, index) => {
    if (isSuccessStatus(response.status)) return [];
    return [{ index, ...(invocationResult(response)['error'] as FailedCall) }];
  });
  const whole = predictionsReply(predictions, failures, instances.length);
  const { bytes } = settings.maximumReply;
  return whole.body.length <= bytes ? whole : tooLargeResponse(whole.body.length, settings.maximumReply);
}

interface FailedCall {
  readonly statusCode: number;
  readonly message: string;
}

/** A JSON reply keeps its text, with every digit of its numbers. */
function predictionText(response: WholeResponse, row: ModelRow): string {
  const type = headerValue(response.headers, 'content-type');
  if (isJsonFamily(type)) {
    const text = decodeDocument(response.body, parseMediaType(type ?? '')?.charset)?.trim();
    if (text !== undefined && isJsonText(text)) return text;
  }
  return JSON.stringify(invocationResult(response, row.predict.output));
}

function predictionsReply(
  predictions: readonly string[],
  failures: readonly (FailedCall & { readonly index: number })[],
  count: number,
): WholeResponse {
  const list = `"predictions":[${predictions.join(',')}]`;
  const [first] = failures;
  if (first === undefined) return { ...jsonResponse(200, {}), body: Buffer.from(`{${list}}\n`) };
  const message = `instance ${first.index} of ${count} failed: ${first.message}`;
  const rest = JSON.stringify({ message, code: 'INSTANCES', failures }).slice(1, -1);
  return { ...jsonResponse(statusOf(failures), {}), body: Buffer.from(`{${rest},${list}}\n`) };
}

/** The status that all failures share; else 400 if all are the caller's errors, otherwise 502. */
function statusOf(failures: readonly FailedCall[]): number {
  const statuses = failures.map(({ statusCode }) => statusCode);
  const [first = 502] = statuses;
  if (statuses.every((status) => status === first)) return first;
  return statuses.every((status) => status < 500) ? 400 : 502;
}

/**
 * Maps the items in order, at most `limit` of them at the same time. Stops early, and rejects, if the caller has
 * disconnected.
 */
async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  isGone: () => boolean,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (isGone()) return;
      results[index] = await map(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, () => work()));
  return results;
}
