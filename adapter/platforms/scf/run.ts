import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { failureResponse, tooLargeResponse } from '../../call/failure-reply.ts';
import type { WholeResponse } from '../../http/message.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { callForEvent, invokeForEvent, type EventWork } from '../_event/call.ts';
import { objectParameters } from '../_event/object.ts';
import { readBody } from '../_http/request.ts';
import type { PlatformContext } from '../platform.ts';
import { readScfContext } from './call-context.ts';
import { readEvent, type CosObject, type HttpEvent } from './event.ts';
import { withCos } from './object-store.ts';
import { httpRequest } from './request.ts';
import { maximumReply, serializeHttpReply } from './response.ts';

/**
 * Answers an event with what the platform takes for the function's result. An HTTP event's outcome is in its
 * `statusCode`; another event that fails has the failure's status for its own, so that the trigger may try again.
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
        return json(200, await answerHttp(event, workOf(context, incoming.headers)));
      case 'cos':
        return await answerObjects(event.objects, context, incoming.headers);
      case 'direct': {
        const { status, result } = await invoke(event.parameters, workOf(context, incoming.headers));
        return resultResponse(status, result);
      }
    }
  } catch (error) {
    return failureResponse(error, 0);
  }
}

/** @param headers of the call, with the credentials of the function's role among them */
function workOf(context: PlatformContext, headers: IncomingHttpHeaders, region?: string): EventWork {
  return { context, ...readScfContext(headers), fetchPolicy: withCos(context.fetchPolicy, headers, region) };
}

async function answerHttp(event: HttpEvent, work: EventWork): Promise<Buffer> {
  const { row } = work.context;
  const { response, request } = await callForEvent(
    work,
    (limits) => withFormInput(httpRequest(event, work.headers, row, limits), row, work.fetchPolicy),
    event.kind === 'gateway' ? 'keep' : 'decode',
  );
  return serializeHttpReply(event, response, request?.method ?? 'GET');
}

/** Calls the model for each object; the first failure is the event's, so that the trigger tries all of it again. */
async function answerObjects(
  objects: readonly CosObject[],
  context: PlatformContext,
  headers: IncomingHttpHeaders,
): Promise<WholeResponse> {
  const results = [];
  for (const object of objects) {
    const { bucket, key, region } = object;
    const { status, result } = await invoke(objectParameters(object), workOf(context, headers, region));
    if (status !== 200) return resultResponse(status, { ...result, bucket, key });
    results.push({ bucket, key, result });
  }
  return resultResponse(200, results);
}

/** The status is 200, or the failure's. */
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
  return body.length > maximumReply ? tooLargeResponse(body.length, 'an SCF result', maximumReply) : json(status, body);
}

function json(status: number, body: Buffer): WholeResponse {
  return { status, headers: [['content-type', 'application/json']], body };
}
