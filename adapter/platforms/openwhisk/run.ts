import { callModel, type Call } from '../../call/call-model.ts';
import { failureResponse } from '../../call/failure-reply.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import type { PlatformContext } from '../platform.ts';
import { isWebAction, readActivation, type Activation } from './activation.ts';
import { contextHeaders } from './context.ts';
import { webRequest } from './request.ts';
import { maximumResult, serializeWebResult, webResult } from './response.ts';

export interface Run {
  /** The JSON to answer `/run` with. */
  readonly reply: Buffer;
  readonly call: Call;
  readonly activationId: string | undefined;
}

/**
 * Answers one `/run`, always with something to send with HTTP status 200, since any other destroys the container and
 * the model loaded in it. The HTTP outcome of a web action lives in its `statusCode`.
 */
export async function run(body: readonly Buffer[], context: PlatformContext): Promise<Run> {
  let activation: Activation;
  try {
    activation = readActivation(body);
  } catch (error) {
    const response = failureResponse(error, 0);
    const call: Call = { response, request: undefined, modelMilliseconds: 0, milliseconds: 0 };
    return { reply: serializePlainResult(invocationResult(response)), call, activationId: undefined };
  }
  const answer = isWebAction(activation.value) ? answerWeb : answerPlain;
  return { ...(await answer(activation, context)), activationId: activation.context['activation_id'] };
}

async function answerWeb(activation: Activation, context: PlatformContext): Promise<Pick<Run, 'reply' | 'call'>> {
  const { row, fetchPolicy, configuration } = context;
  const call = await callModel(context, activation.deadline, (limits) =>
    withFormInput(webRequest(activation, row, limits), row, fetchPolicy),
  );
  const result = webResult(call.response, call.request?.method ?? 'GET', configuration.cors);
  return { reply: serializeWebResult(result), call };
}

async function answerPlain(activation: Activation, context: PlatformContext): Promise<Pick<Run, 'reply' | 'call'>> {
  const { row, fetchPolicy } = context;
  const headers = contextHeaders(activation.context);
  const call = await callModel(context, activation.deadline, (limits) =>
    invocationRequest(activation.value, row, { headers, ...limits }, fetchPolicy),
  );
  return { reply: serializePlainResult(invocationResult(call.response, row.predict.output)), call };
}

/** The result object of a plain invocation, or the error that its size is. */
function serializePlainResult(result: Readonly<Record<string, unknown>>): Buffer {
  const serialized = Buffer.from(JSON.stringify(result));
  if (serialized.length <= maximumResult) return serialized;
  const message = `the result takes ${serialized.length} bytes, over the platform's limit of ${maximumResult}`;
  return Buffer.from(JSON.stringify({ error: { statusCode: 413, message } }));
}
