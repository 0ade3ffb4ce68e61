import { callModel } from '../../call/call-model.ts';
import type { Built, CallLimits } from '../../call/model-call.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import type { Header, ModelRequest } from '../../http/message.ts';
import { checkTimeLeft } from '../_event/call.ts';
import { takeDelivery } from '../_push/delivery.ts';
import type { PlatformContext } from '../platform.ts';
import type { AzureInvocation } from './invocation.ts';
import { parametersOf, sourceUrl } from './parameters.ts';
import { triggerRequest } from './request.ts';
import { httpOutput, type HttpOutput, maximumReply } from './response.ts';
import type { AzureSettings } from './settings.ts';
import { resultMessage, type SignalRMessage } from './signalr.ts';
import type { AzureInput } from './trigger-value.ts';
import { isSuccessStatus } from '../../http/status.ts';

/** The answer to the host. A status other than 2xx is a failed invocation. */
export interface InvocationReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Answers the host's call of a function. The outcome of an HTTP request is in its output's `statusCode`. If the call
 * for a message or blob fails, the reply has an error status, so that the host tries again and, after `maxDequeueCount`
 * times, moves it to the poison queue. The same applies to a batch with one failed message, because the host has only
 * one answer for a batch; the model is called for the other messages nevertheless.
 *
 * @param id the invocation's, which the model server gets
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
    case 'warm-up':
      await context.model.ready();
      return success({ Outputs: {}, ReturnValue: null });
    case 'inputs':
      return await answerInputs(invocation, id, settings, context);
  }
}

async function answerRequest(
  trigger: Readonly<Record<string, unknown>>,
  id: string | undefined,
  settings: AzureSettings,
  context: PlatformContext,
): Promise<InvocationReply> {
  const delivery = takeDelivery(context);
  const build = async (limits: CallLimits): Promise<Built> => {
    const request = triggerRequest(trigger, context.row, settings.routePrefix, limits);
    return delivery.request({ ...request, headers: [...request.headers, ...idHeader(id)] });
  };
  const call = await callModel(context, { id, end: Date.now() + settings.timeout, build }, maximumReply, 'decode');
  const output = httpOutput(delivery.reply(call.response), call.request?.method ?? 'GET');
  return success(outputs(settings.httpOutput, output));
}

async function answerInputs(
  { inputs, isBatch }: Extract<AzureInvocation, { kind: 'inputs' }>,
  id: string | undefined,
  settings: AzureSettings,
  context: PlatformContext,
): Promise<InvocationReply> {
  const end = Date.now() + settings.timeout;
  const answers: Answer[] = [];
  const failures: InvocationReply[] = [];
  for (const [index, input] of inputs.entries()) {
    const answer = await answerInput(input, { id, end }, settings, context);
    if ('message' in answer) answers.push(answer);
    else failures.push(isBatch ? ofMessage(index + 1, answer) : answer);
  }
  const [failure, ...further] = failures;
  // The reply to the host has one failure; the function's log has all.
  for (const { body } of further) console.error(`modelwhisk: ${JSON.stringify(body)}`);
  if (failure !== undefined) return failure;
  const messages = answers.map(({ message }) => message);
  const results = answers.map(({ result }) => result);
  if (isBatch) return success({ Outputs: { [settings.signalROutput]: messages }, ReturnValue: results });
  const [answer] = answers;
  if (answer === undefined) return success({ Outputs: {}, ReturnValue: null });
  return success({ Outputs: { [settings.signalROutput]: answer.message }, ReturnValue: answer.result });
}

/** The outcome of one input. */
interface Answer {
  readonly message: SignalRMessage;
  readonly result: Readonly<Record<string, unknown>>;
}

async function answerInput(
  input: AzureInput,
  { id, end }: { readonly id: string | undefined; readonly end: number },
  settings: AzureSettings,
  context: PlatformContext,
): Promise<Answer | InvocationReply> {
  const { row, fetchPolicy } = context;
  const build = (limits: CallLimits): Promise<ModelRequest> => {
    checkTimeLeft(end);
    return invocationRequest(parametersOf(input, row), row, { headers: idHeader(id), ...limits }, fetchPolicy);
  };
  const call = await callModel(context, { id, end, build, reader: 'operator' }, maximumReply, 'decode');
  const result = invocationResult(call.response, row.predict.output);
  const { status } = call.response;
  if (!isSuccessStatus(status)) return { status: status < 400 ? 502 : status, body: result };
  return { message: resultMessage(settings.signalRTarget, result, sourceUrl(input, row)), result };
}

function ofMessage(number: number, { status, body }: InvocationReply): InvocationReply {
  return { status, body: { messageOfBatch: number, ...body } };
}

/** A value for the binding `name`. "$return" means the function's return value. */
function outputs(name: string, value: HttpOutput): Readonly<Record<string, unknown>> {
  return name === '$return' ? { Outputs: {}, ReturnValue: value } : { Outputs: { [name]: value }, ReturnValue: null };
}

function success(body: Readonly<Record<string, unknown>>): InvocationReply {
  return { status: 200, body: { ...body, Logs: [] } };
}

function idHeader(id: string | undefined): readonly Header[] {
  return id === undefined ? [] : [['x-azure-functions-invocationid', id]];
}
