import type { Writable } from 'node:stream';
import { messageOf } from '../../../core/errors.ts';
import { streamModel } from '../../call/call-model.ts';
import { tooLargeResponse } from '../../call/failure-reply.ts';
import type { Built, CallLimits, Outcome } from '../../call/model-call.ts';
import { ModelServerError } from '../../errors.ts';
import { discardBody, explained } from '../../http/body.ts';
import type { ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';
import type { EventWork } from '../_event/call.ts';
import { takeDelivery } from '../_push/delivery.ts';
import { functionError, type FunctionError, InvocationFailure } from './function-error.ts';
import type { HttpEvent } from './http-event.ts';
import { httpRequest } from './request.ts';
import { maximumStream, streamedReply, streamedReplyType } from './response.ts';
import type { RuntimeApi } from './runtime-api.ts';
import { RuntimeApiError } from './runtime-connection.ts';
import type { LambdaSettings } from './settings.ts';

/**
 * Answers an HTTP event by streaming the model server's reply. An interrupted reply, or one over Lambda's limit, ends
 * with error trailers. Rejects with RuntimeApiError if the Runtime API refuses the answer. A broken connection is only
 * logged.
 */
export async function streamHttp(
  api: RuntimeApi,
  id: string,
  event: HttpEvent,
  work: EventWork,
  { basePath, isError }: LambdaSettings,
): Promise<void> {
  const { context, traceId, end, headers, fetchPolicy } = work;
  const delivery = takeDelivery(context, fetchPolicy);
  const build = (limits: CallLimits): Promise<Built> =>
    delivery.request(httpRequest(event, headers, context.row, limits, basePath));
  let refusal: RuntimeApiError | undefined;
  await streamModel(
    context,
    { id, traceId, end, build },
    {
      deliver: async (response, request, ended) => {
        if (isError(response.status)) {
          discardBody(response.body);
          ended({ status: response.status, bytes: 0 });
          await api.fail(id, functionError(failedStatus(response.status)));
          return;
        }
        const reply = withinStream(delivery.reply(response));
        const write = (outgoing: Writable): Promise<FunctionError | undefined> =>
          writeReply(outgoing, reply, request?.method ?? 'GET', ended);
        await api.respondStreaming(id, streamedReplyType, write).catch((error: unknown) => {
          if (error instanceof RuntimeApiError) refusal = error;
          else console.error(`modelwhisk: the answer to ${id} was not read to its end: ${messageOf(error)}`);
        });
      },
    },
  );
  // Thrown only here, because the call must be ended first.
  if (refusal !== undefined) throw refusal;
}

function failedStatus(status: number): InvocationFailure {
  return new InvocationFailure({ statusCode: status, message: `the model server answered ${status}` });
}

function withinStream(response: ModelResponse): ModelResponse {
  const { length } = response.body;
  if (length === undefined || length <= maximumStream.bytes) return response;
  discardBody(response.body);
  return tooLargeResponse(length, maximumStream);
}

async function writeReply(
  outgoing: Writable,
  response: ModelResponse,
  method: string,
  ended: (outcome: Outcome) => void,
): Promise<FunctionError | undefined> {
  const { status } = response;
  const [prelude, separator, body] = streamedReply(response, method);
  const head = Buffer.concat([prelude, separator]);
  if (Buffer.isBuffer(body)) {
    ended({ status, bytes: body.length });
    outgoing.write(head);
    if (body.length > 0) outgoing.write(body);
    return undefined;
  }
  outgoing.write(head);
  const { bytes, failure } = await pump(body.stream, outgoing, maximumStream.bytes);
  if (failure === undefined) {
    ended({ status, bytes });
    return undefined;
  }
  discardBody(body);
  if (failure instanceof DestinationClosed) {
    ended({ status, bytes, failure });
    return undefined;
  }
  const cause = bytes > maximumStream.bytes ? tooLong() : await explained(body, failure);
  ended({ status, bytes, failure: cause });
  return functionError(cause);
}

function tooLong(): ModelServerError {
  const { bytes, what } = maximumStream;
  return new ModelServerError('MODEL_REPLY', `the model's reply takes more than ${bytes} bytes, the limit of ${what}`);
}
