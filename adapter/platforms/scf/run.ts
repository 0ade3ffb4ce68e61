import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { failureResponse, tooLargeResponse } from '../../call/failure-reply.ts';
import type { WholeResponse } from '../../http/message.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import { callForEvent, checkTimeLeft, invokeForEvent, withReserve, type EventWork } from '../_event/call.ts';
import { inputParameters, type EventInput } from '../_event/input.ts';
import { readBody } from '../_http/request.ts';
import { takeDelivery } from '../_push/delivery.ts';
import type { PlatformContext } from '../platform.ts';
import { readScfContext } from './call-context.ts';
import { readEvent, type HttpEvent } from './event.ts';
import { withCos } from './object-store.ts';
import { httpRequest } from './request.ts';
import { maximumReply, serializeHttpReply } from './response.ts';

/**
 * Answers an event with the function's result. The outcome of an HTTP event is in its `statusCode`. For any other event
 * the reply has the status of a failure, so that the trigger may retry.
 */
export async function invokeEvent(
  context: PlatformContext,
  incoming: IncomingMessage,
  maximumRequest: number,
): Promise<WholeResponse> {
  try {
    const event = readEvent(await readBody(incoming, maximumRequest));
    switch (event.kind) {
      case 'gateway':
      case 'url':
      case 'balancer':
        return json(200, await answerHttp(event, workOf(context, incoming.headers)));
      case 'inputs':
        return await answerInputs(event.inputs, context, incoming.headers);
      case 'direct': {
        const { status, result } = await invoke(event.parameters, workOf(context, incoming.headers));
        return resultResponse(status, result);
      }
    }
  } catch (error) {
    return failureResponse(error, 0);
  }
}

/** @param headers the call's headers, which contain the credentials of the function's role */
function workOf(context: PlatformContext, headers: IncomingHttpHeaders, region?: string): EventWork {
  return {
    context,
    ...readScfContext(headers),
    fetchPolicy: withCos(context.fetchPolicy, headers, region),
    maximumReply,
  };
}

async function answerHttp(event: HttpEvent, work: EventWork): Promise<Buffer> {
  const delivery = takeDelivery(work.context, work.fetchPolicy);
  const { response, request } = await callForEvent(
    work,
    (limits) => delivery.request(httpRequest(event, work.headers, work.context.row, limits)),
    event.kind === 'url' ? 'decode' : 'keep',
  );
  return serializeHttpReply(event, delivery.reply(response), request?.method ?? 'GET');
}

/**
 * Calls the model for each input. The event fails with the first failure, so that the trigger retries the whole event.
 * An input without time left fails before the platform's timeout.
 */
async function answerInputs(
  inputs: readonly EventInput[],
  context: PlatformContext,
  headers: IncomingHttpHeaders,
): Promise<WholeResponse> {
  const results = [];
  const { end } = withReserve(workOf(context, headers));
  for (const input of inputs) {
    const { region, ...object } = input.kind === 'object' ? input.object : {};
    const work = { ...workOf(context, headers, region), end };
    const { status, result } = await invokeInput(input, work);
    if (status !== 200) return resultResponse(status, { ...result, ...object });
    results.push({ ...object, result });
  }
  return resultResponse(200, results);
}

async function invokeInput(input: EventInput, work: EventWork): ReturnType<typeof invoke> {
  try {
    checkTimeLeft(work.end);
    return await invoke(inputParameters(input, work.context.row), work);
  } catch (error) {
    const response = failureResponse(error, 0);
    return { status: response.status, result: invocationResult(response) };
  }
}

/** The status is 200, or that of the failure. */
async function invoke(
  parameters: unknown,
  work: EventWork,
): Promise<{ status: number; result: Record<string, unknown> }> {
  const { status, isSuccess, result } = await invokeForEvent(parameters, work);
  if (isSuccess) return { status: 200, result };
  return { status: status >= 400 ? status : 502, result };
}

function resultResponse(status: number, result: unknown): WholeResponse {
  const body = Buffer.from(JSON.stringify(result));
  return body.length > maximumReply.bytes ? tooLargeResponse(body.length, maximumReply) : json(status, body);
}

function json(status: number, body: Buffer): WholeResponse {
  return { status, headers: [['content-type', 'application/json']], body };
}
