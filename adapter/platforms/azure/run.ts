import { callModel } from '../../call/call-model.ts';
import type { CallLimits } from '../../call/open-call.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import type { Header, ModelRequest } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import type { AzureInvocation } from './invocation.ts';
import { type InputInvocation, parametersOf, sourceUrl } from './parameters.ts';
import { triggerRequest } from './request.ts';
import { httpOutput, type HttpOutput, maximumReply } from './response.ts';
import type { AzureSettings } from './settings.ts';
import { resultMessage } from './signalr.ts';

/** What the host is answered with: it takes 2xx for success, and anything else for a failed invocation. */
export interface InvocationReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Does what the host asks of a function. An HTTP request's outcome, whatever it is, lives in its output's
 * `statusCode`; a message or blob that does not lead to a result is answered with an error status, so that the host
 * tries again and, after `maxDequeueCount` times, puts it into the poison queue.
 *
 * @param id the invocation's, which the model server is told
 */
export async function runInvocation(
  invocation: AzureInvocation,
  id: string | undefined,
  settings: AzureSettings,
  context: PlatformContext,
): Promise<InvocationReply> {
  switch (invocation.kind) {
    case 'http':
      return await answerRequest(invocation.trigger, id, settings, context);
    case 'negotiate': {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(invocation.connection);
      return success(outputs(settings.httpOutput, { statusCode: 200, headers, body }));
    }
    case 'blob':
    case 'message':
      return await answerInput(invocation, id, settings, context);
  }
}

async function answerRequest(
  trigger: Readonly<Record<string, unknown>>,
  id: string | undefined,
  settings: AzureSettings,
  context: PlatformContext,
): Promise<InvocationReply> {
  const { row, fetchPolicy } = context;
  const build = (limits: CallLimits): Promise<ModelRequest> => {
    const request = triggerRequest(trigger, row, settings.routePrefix, limits);
    return withFormInput({ ...request, headers: [...request.headers, ...idHeader(id)] }, row, fetchPolicy);
  };
  const call = await callModel(context, { id, end: Date.now() + settings.timeout, build }, maximumReply, 'decode');
  const output = httpOutput(call.response, call.request?.method ?? 'GET');
  return success(outputs(settings.httpOutput, output));
}

async function answerInput(
  invocation: InputInvocation,
  id: string | undefined,
  settings: AzureSettings,
  context: PlatformContext,
): Promise<InvocationReply> {
  const { row, fetchPolicy } = context;
  const build = (limits: CallLimits): Promise<ModelRequest> =>
    invocationRequest(parametersOf(invocation, row), row, { headers: idHeader(id), ...limits }, fetchPolicy);
  const end = Date.now() + settings.timeout;
  const call = await callModel(context, { id, end, build, reader: 'operator' }, maximumReply, 'decode');
  const result = invocationResult(call.response, row.predict.output);
  const { status } = call.response;
  if (status < 200 || status > 299) return { status: status < 400 ? 502 : status, body: result };
  const message = resultMessage(settings.signalRTarget, result, sourceUrl(invocation, row));
  return success({ Outputs: { [settings.signalROutput]: message }, ReturnValue: result });
}

/** A value for the binding of this name; "$return" is the host's name for a function's return value. */
function outputs(name: string, value: HttpOutput): Readonly<Record<string, unknown>> {
  return name === '$return' ? { Outputs: {}, ReturnValue: value } : { Outputs: { [name]: value }, ReturnValue: null };
}

function success(body: Readonly<Record<string, unknown>>): InvocationReply {
  return { status: 200, body: { ...body, Logs: [] } };
}

function idHeader(id: string | undefined): readonly Header[] {
  return id === undefined ? [] : [['x-azure-functions-invocationid', id]];
}
