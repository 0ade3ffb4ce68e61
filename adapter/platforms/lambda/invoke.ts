import { CallerError } from '../../errors.ts';
import { callModel, type Call, type CallLimits } from '../../call/call-model.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import { isJsonObject } from '../../json/object.ts';
import { logCall } from '../../call/log.ts';
import type { WholeRequest } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import { InvocationFailure } from './function-error.ts';
import { contextHeaders } from './request.ts';
import type { Invocation } from './runtime-api.ts';
import type { LambdaSettings } from './settings.ts';

/** An invocation, and what is needed to answer it. */
export interface Work {
  readonly invocation: Invocation;
  readonly context: PlatformContext;
  readonly settings: LambdaSettings;
}

/** Calls the model within the invocation's time, and logs the call. */
export async function callModelFor(
  { invocation, context }: Work,
  build: (limits: CallLimits) => WholeRequest | Promise<WholeRequest>,
  contentEncoding: 'decode' | 'keep',
): Promise<Call> {
  const call = await callModel(context, invocation.deadline, build, contentEncoding);
  if (context.configuration.log === 'json') logCall(invocation.id, call, call.milliseconds);
  return call;
}

/**
 * Calls the predict route with parameters instead of an HTTP request, by the rules of invocationRequest and
 * invocationResult. Rejects with InvocationFailure when the model server refuses or fails.
 */
export async function invoke(parameters: unknown, work: Work): Promise<Record<string, unknown>> {
  const { row, fetchPolicy } = work.context;
  const headers = contextHeaders(work.invocation);
  const { response } = await callModelFor(
    work,
    (limits) => {
      if (isJsonObject(parameters)) return invocationRequest(parameters, row, { headers, ...limits }, fetchPolicy);
      const what = Array.isArray(parameters) ? 'an array' : JSON.stringify(parameters).slice(0, 100);
      throw new CallerError(400, 'EVENT', `the event is ${what}; expected an object of parameters`);
    },
    'decode',
  );
  const result = invocationResult(response);
  if (response.status < 200 || response.status > 299) throw new InvocationFailure(result['error']);
  return result;
}
