import { callModel } from '../../call/call-model.ts';
import type { Built, CallLimits, ModelCall } from '../../call/model-call.ts';
import { CallerError } from '../../errors.ts';
import type { ModelRequest } from '../../http/message.ts';
import { bytesOf, type SerializedJson } from '../../json/embedded-bytes.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import { checkTimeLeft, parametersRequest, reservedEnd } from '../_event/call.ts';
import { inputParameters, type EventInput } from '../_event/input.ts';
import { takeDelivery } from '../_push/delivery.ts';
import type { PlatformContext } from '../platform.ts';
import { isWebAction, readActivation, type Activation } from './activation.ts';
import { actionAddress } from './action-address.ts';
import { contextHeaders } from './context.ts';
import { feedInputs } from './feed.ts';
import { webRequest } from './request.ts';
import { maximumResult, serializeWebResult, webResult } from './response.ts';
import { isSuccessStatus } from '../../http/status.ts';

/**
 * Answers one `/run`. Returns the JSON to send with HTTP status 200, because any other status makes the platform
 * destroy the container. A web action's HTTP status is in its `statusCode`.
 *
 * @param received when the call arrived, by performance.now()
 * @param log receives the call's log line
 */
export async function run(
  body: readonly Buffer[],
  context: PlatformContext,
  received: number,
  log: (line: string) => void,
): Promise<SerializedJson> {
  let activation: Activation;
  try {
    activation = readActivation(body);
  } catch (error) {
    const refused = { received, log, end: undefined, build: () => Promise.reject(error) };
    const { response } = await callModel(context, refused, maximumResult, 'keep');
    return serializePlainResult(invocationResult(response));
  }
  const call = { received, log, id: activation.context['activation_id'], end: activation.deadline };
  return isWebAction(activation.value) ? answerWeb(activation, context, call) : answerPlain(activation, context, call);
}

type CallFrame = Omit<ModelCall, 'build'>;

async function answerWeb(activation: Activation, context: PlatformContext, frame: CallFrame): Promise<SerializedJson> {
  const { row, configuration } = context;
  const outer = actionAddress(activation, context.environment);
  const delivery = takeDelivery(context);
  const build = async (limits: CallLimits): Promise<Built> =>
    delivery.request({ ...webRequest(activation, row, limits), outer });
  const { response, request } = await callModel(context, { ...frame, build }, maximumResult, 'decode');
  return serializeWebResult(webResult(delivery.reply(response), request?.method ?? 'GET', configuration.cors));
}

/** The result of one call of the predict route, or of one for each input that a trigger's feed has sent. */
async function answerPlain(
  activation: Activation,
  context: PlatformContext,
  frame: CallFrame,
): Promise<SerializedJson> {
  const { row, fetchPolicy } = context;
  const headers = contextHeaders(activation.context);
  const call = async (parametersOf: () => unknown, end = frame.end): Promise<PlainAnswer> => {
    const build = async (limits: CallLimits): Promise<ModelRequest> =>
      parametersRequest(parametersOf(), { context, headers, fetchPolicy }, limits);
    const { response } = await callModel(
      context,
      { ...frame, end, build, reader: 'operator' },
      maximumResult,
      'decode',
    );
    return { isSuccess: isSuccessStatus(response.status), result: invocationResult(response, row.predict.output) };
  };
  const inputs = await readFeed(activation);
  if (inputs === undefined) return serializePlainResult((await call(() => activation.value)).result);
  const answers: PlainAnswer[] = [];
  const end = inputs.length > 1 ? reservedEnd(frame.end, context) : undefined;
  for (const input of inputs) {
    const parametersOf = (): unknown => {
      checkTimeLeft(end);
      return inputParameters(input, row);
    };
    answers.push(await call(parametersOf, end));
  }
  const [only] = answers;
  if (answers.length === 1 && only !== undefined) return serializePlainResult(only.result);
  const results = answers.map(({ result }) => result);
  const failed = answers.filter(({ isSuccess }) => !isSuccess).length;
  if (failed === 0) return serializePlainResult({ results });
  const message = `the model failed for ${failed} of ${results.length} inputs`;
  return serializePlainResult({ error: { statusCode: 502, message, results } });
}

interface PlainAnswer {
  readonly isSuccess: boolean;
  readonly result: Record<string, unknown>;
}

async function readFeed({ value }: Activation): Promise<readonly EventInput[] | undefined> {
  try {
    return await feedInputs(value);
  } catch (error) {
    if (error instanceof CallerError) return [{ kind: 'refused', error }];
    throw error;
  }
}

/** The result of a plain invocation, or an error if it is over the limit. */
function serializePlainResult(result: Readonly<Record<string, unknown>>): SerializedJson {
  const serialized = JSON.stringify(result);
  const length = bytesOf(serialized);
  if (length <= maximumResult.bytes) return serialized;
  const message = `the result takes ${length} bytes, over the platform's limit of ${maximumResult.bytes}`;
  return JSON.stringify({ error: { statusCode: 413, message } });
}
