import { callModel, type Call } from '../../call/call-model.ts';
import type { Reader, ReplyLimit } from '../../call/failure-reply.ts';
import type { CallLimits } from '../../call/open-call.ts';
import { CallerError, ModelServerError } from '../../errors.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';
import type { Header, ModelRequest } from '../../http/message.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import { isJsonObject } from '../../json/object.ts';
import type { PlatformContext } from '../platform.ts';

/** An event to answer, and what its platform says of it. */
export interface EventWork {
  readonly context: PlatformContext;
  /** The platform's name for it, for the log. */
  readonly id: string | undefined;
  /** The trace that it belongs to, for the log. */
  readonly traceId?: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds; undefined where it does not say. */
  readonly end: number | undefined;
  /** What the model server is told of it. */
  readonly headers: readonly Header[];
  readonly fetchPolicy: FetchPolicy;
  readonly maximumReply: ReplyLimit;
}

/**
 * The work with a little of its time kept back, so that what came of an event with several inputs can still be told:
 * as much as the margin of a call, and at most a tenth of the time.
 */
export function withReserve(work: EventWork): EventWork {
  const { end, context } = work;
  if (end === undefined) return work;
  const left = Math.max(end - Date.now(), 0);
  return { ...work, end: end - Math.min(context.configuration.deadlineMargin, left / 10) };
}

/** Why an input was not worked on once the time was over. */
export function outOfTime(): ModelServerError {
  return new ModelServerError('MODEL_TIMEOUT', 'there was no time left for it', {
    hint: 'give the function more time, or its trigger smaller batches',
  });
}

/** Calls the model within the event's time. */
export function callForEvent(
  { context, id, traceId, end, maximumReply }: EventWork,
  build: (limits: CallLimits) => ModelRequest | Promise<ModelRequest>,
  contentEncoding: 'decode' | 'keep',
  reader?: Reader,
): Promise<Call> {
  return callModel(context, { id, traceId, end, build, ...(reader && { reader }) }, maximumReply, contentEncoding);
}

/** What a call of the predict route came to. */
export interface InvocationResult {
  readonly status: number;
  readonly isSuccess: boolean;
  /** As invocationResult says. */
  readonly result: Record<string, unknown>;
}

/** Calls the predict route with parameters instead of an HTTP request, by the rules of invocationRequest. */
export async function invokeForEvent(parameters: unknown, work: EventWork): Promise<InvocationResult> {
  const { headers, fetchPolicy, context } = work;
  const { response } = await callForEvent(
    work,
    (limits) => {
      if (isJsonObject(parameters)) {
        return invocationRequest(parameters, context.row, { headers, ...limits }, fetchPolicy);
      }
      const what = (JSON.stringify(parameters) ?? 'nothing').slice(0, 100);
      throw new CallerError(400, 'EVENT', `the event is ${what}; expected an object of parameters`);
    },
    'decode',
    'operator',
  );
  const { status } = response;
  return {
    status,
    isSuccess: status >= 200 && status <= 299,
    result: invocationResult(response, context.row.predict.output),
  };
}
