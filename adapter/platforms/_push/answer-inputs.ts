import { failureResponse, jsonResponse } from '../../call/failure-reply.ts';
import { withoutHeaders } from '../../http/headers.ts';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import { checkTimeLeft, invokeForEvent, parametersRequest, type EventWork } from '../_event/call.ts';
import { inputParameters, type EventInput } from '../_event/input.ts';
import type { PlatformContext } from '../platform.ts';
import { isSuccessStatus } from '../../http/status.ts';

/**
 * The result of a delivery: the request for its one input, whose reply streams; an empty reply without an input, as for
 * a removed object; or the results of several inputs, in their order. If one of these fails, the reply has its status,
 * so that the sender tries again; the model is called for the other inputs nevertheless.
 *
 * Rejects with CallerError for a refused input.
 */
export async function answerInputs(
  inputs: readonly EventInput[],
  received: ModelRequest,
  context: PlatformContext,
): Promise<ModelRequest | ModelResponse> {
  const headers = withoutHeaders(received.headers, bodyHeaders);
  const [first, second] = inputs;
  if (first === undefined) return { status: 204, headers: [], body: Buffer.alloc(0) };
  if (second === undefined) {
    const { signal, deadline, streamsReply = false } = received;
    const parts = { context, headers, fetchPolicy: context.fetchPolicy };
    return parametersRequest(inputParameters(first, context.row), parts, { signal, deadline, streamsReply });
  }
  const work: EventWork = {
    context,
    id: undefined,
    end: received.deadline,
    headers,
    fetchPolicy: context.fetchPolicy,
    maximumReply: { bytes: context.configuration.maximumBody, what: 'one of several results' },
  };
  const answers = [];
  for (const input of inputs) answers.push(await answerInput(input, work, received));
  const failed = answers.find(({ status }) => !isSuccessStatus(status));
  return jsonResponse(
    failed?.status ?? 200,
    answers.map(({ result }) => result),
  );
}

/** Headers of the envelope, which the model server does not get. */
const bodyHeaders = ['content-type', 'content-length', 'content-encoding'];

async function answerInput(
  input: EventInput,
  work: EventWork,
  { signal }: ModelRequest,
): Promise<{ readonly status: number; readonly result: Record<string, unknown> }> {
  try {
    checkTimeLeft(signal.aborted ? 0 : work.end);
    return await invokeForEvent(inputParameters(input, work.context.row), work, 'caller');
  } catch (error) {
    const response = failureResponse(error, 0);
    return { status: response.status, result: invocationResult(response) };
  }
}
