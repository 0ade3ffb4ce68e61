import { callModel, type Call } from '../../call/call-model.ts';
import type { Reader, ReplyLimit } from '../../call/failure-reply.ts';
import type { Built, CallLimits } from '../../call/model-call.ts';
import { CallerError, ModelServerError } from '../../errors.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';
import type { Header, WholeRequest } from '../../http/message.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import { briefJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import type { PlatformContext } from '../platform.ts';
import { isSuccessStatus } from '../../http/status.ts';
import { withMargin } from '../../call/margin.ts';

/** What is needed to answer an event. */
export interface EventWork {
  readonly context: PlatformContext;
  /** The platform's id of the event, for the log. */
  readonly id: string | undefined;
  /** The trace of the event, for the log. */
  readonly traceId?: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds. Undefined if it does not say. */
  readonly end: number | undefined;
  /** Headers for the model server. */
  readonly headers: readonly Header[];
  readonly fetchPolicy: FetchPolicy;
  readonly maximumReply: ReplyLimit;
}

/** Reserves the margin of a call for the reply to an event with several inputs. */
export function withReserve(work: EventWork): EventWork {
  return { ...work, end: reservedEnd(work.end, work.context) };
}

/**
 * When the last input of several must be done, so that the reply with what is finished is still in time. Undefined if
 * that is not known: an end that is past when the event arrives means that the clocks differ.
 */
export function reservedEnd(end: number | undefined, { configuration }: PlatformContext): number | undefined {
  return end === undefined || end <= Date.now() ? undefined : withMargin(end, configuration.deadlineMargin);
}

/**
 * To be called before each of several inputs.
 *
 * @param end see reservedEnd
 * @throws ModelServerError MODEL_TIMEOUT if no time is left for the input
 */
export function checkTimeLeft(end: number | undefined): void {
  if (end === undefined || Date.now() < end) return;
  throw new ModelServerError('MODEL_TIMEOUT', 'there was no time left for it', {
    hint: 'give the function more time, or send it fewer inputs at once',
  });
}

/** Calls the model within the event's time. */
export function callForEvent(
  { context, id, traceId, end, maximumReply }: EventWork,
  build: (limits: CallLimits) => Built | Promise<Built>,
  contentEncoding: 'decode' | 'keep',
  reader?: Reader,
): Promise<Call> {
  return callModel(context, { id, traceId, end, build, ...(reader && { reader }) }, maximumReply, contentEncoding);
}

/** The result of a call of the predict route. */
export interface InvocationResult {
  readonly status: number;
  readonly isSuccess: boolean;
  /** See invocationResult. */
  readonly result: Record<string, unknown>;
}

/**
 * Calls the predict route with parameters instead of an HTTP request (see invocationRequest).
 *
 * @param reader who reads why it failed. Default: the operator
 */
export async function invokeForEvent(
  parameters: unknown,
  work: EventWork,
  reader: Reader = 'operator',
): Promise<InvocationResult> {
  const { response } = await callForEvent(
    work,
    (limits) => parametersRequest(parameters, work, limits),
    'decode',
    reader,
  );
  const { status } = response;
  return {
    status,
    isSuccess: isSuccessStatus(status),
    result: invocationResult(response, work.context.row.predict.output),
  };
}

/** The request on the predict route with these parameters. Rejects with CallerError 400 if they are not an object. */
export async function parametersRequest(
  parameters: unknown,
  { context, headers, fetchPolicy }: Pick<EventWork, 'context' | 'headers' | 'fetchPolicy'>,
  limits: CallLimits,
): Promise<WholeRequest> {
  if (isJsonObject(parameters)) {
    return invocationRequest(parameters, context.row, { headers, ...limits }, fetchPolicy);
  }
  const what = briefJson(parameters);
  throw new CallerError(400, 'EVENT', `the event is ${what}; expected an object of parameters`);
}
