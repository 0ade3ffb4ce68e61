import { invokeForEvent, callForEvent, type EventWork } from '../_event/call.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { answerInputs, answerMessages } from './batch.ts';
import { readEvent } from './event.ts';
import type { HttpEvent } from './http-event.ts';
import { functionError, InvocationFailure, type FunctionError } from './function-error.ts';
import { httpRequest } from './request.ts';
import { maximumReply, replyLimit, serializeHttpReply } from './response.ts';
import type { LambdaSettings } from './settings.ts';

/** The answer to an invocation. */
export type Answer =
  | { readonly kind: 'reply'; readonly body: Buffer }
  /** An HTTP event whose reply streamHttp streams. */
  | { readonly kind: 'stream'; readonly event: HttpEvent }
  | { readonly kind: 'failure'; readonly error: FunctionError };

/** Answers one event. Never rejects: an error becomes an HTTP reply or a failure. */
export async function answer(body: Buffer, work: EventWork, settings: LambdaSettings): Promise<Answer> {
  try {
    const event = readEvent(body);
    switch (event.kind) {
      case 'rest':
      case 'http':
        return settings.responseStream ? { kind: 'stream', event } : await answerHttp(event, work, settings);
      case 'alb':
      case 'lattice':
        // Neither can stream (configuration-response-streaming).
        return await answerHttp(event, work, settings);
      case 'batch':
        return reply(await answerMessages(event.messages, work));
      case 'inputs':
        return reply(await answerInputs(event.inputs, work));
      case 'direct':
        return await answerDirect(event.parameters, work);
    }
  } catch (error) {
    return { kind: 'failure', error: functionError(error) };
  }
}

async function answerHttp(event: HttpEvent, work: EventWork, { basePath }: LambdaSettings): Promise<Answer> {
  const { row } = work.context;
  const { response, request } = await callForEvent(
    { ...work, maximumReply: replyLimit(event) },
    (limits) => withFormInput(httpRequest(event, work.headers, row, limits, basePath), row, work.fetchPolicy),
    'keep',
  );
  const method = request?.method ?? 'GET';
  return { kind: 'reply', body: serializeHttpReply(event, response, method) };
}

async function answerDirect(parameters: unknown, work: EventWork): Promise<Answer> {
  const { isSuccess, result } = await invokeForEvent(parameters, work);
  if (!isSuccess) throw new InvocationFailure(result['error']);
  return reply(result);
}

function reply(result: unknown): Answer {
  const body = Buffer.from(JSON.stringify(result));
  if (body.length <= maximumReply.bytes) return { kind: 'reply', body };
  const errorMessage = `the result takes ${body.length} bytes, over the platform's limit of ${maximumReply.bytes}`;
  return { kind: 'failure', error: { errorType: 'RESULT_TOO_LARGE', errorMessage, stackTrace: [] } };
}
