import { invokeForEvent, callForEvent, type EventWork } from '../_event/call.ts';
import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import { takeDelivery } from '../_push/delivery.ts';
import { answerInputs, answerMessages } from './batch.ts';
import { compressed } from './compress.ts';
import { readEvent } from './event.ts';
import type { HttpEvent } from './http-event.ts';
import { functionError, InvocationFailure, type FunctionError } from './function-error.ts';
import { httpRequest } from './request.ts';
import { maximumReply, replyLimit, serializeHttpReply } from './response.ts';
import type { LambdaSettings } from './settings.ts';
import { isSuccessStatus } from '../../http/status.ts';
import { isJsonText } from '../../json/object.ts';

/** The answer to an invocation. */
export type Answer =
  | { readonly kind: 'reply'; readonly body: Buffer }
  /** An HTTP event whose reply streamHttp streams. */
  | { readonly kind: 'stream'; readonly event: HttpEvent }
  | { readonly kind: 'failure'; readonly error: FunctionError };

/** Answers one event. Never rejects: an error becomes an HTTP reply or a failure. */
export async function answer(body: Buffer, work: EventWork, settings: LambdaSettings): Promise<Answer> {
  try {
    const event = readEvent(body, { isRaw: settings.eventPath !== undefined, hasContext: settings.contextHeaders });
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
      case 'raw':
        return await answerRaw(body, work, settings);
    }
  } catch (error) {
    return { kind: 'failure', error: functionError(error) };
  }
}

async function answerHttp(event: HttpEvent, work: EventWork, settings: LambdaSettings): Promise<Answer> {
  const delivery = takeDelivery(work.context, work.fetchPolicy);
  const { basePath, compression } = settings;
  const { response: answered, request } = await callForEvent(
    { ...work, maximumReply: replyLimit(event) },
    (limits) => delivery.request(httpRequest(event, work.headers, work.context.row, limits, basePath)),
    'keep',
  );
  const response = delivery.reply(answered);
  if (settings.isError(response.status)) throw new InvocationFailure(invocationResult(response)['error']);
  const method = request?.method ?? 'GET';
  const accepted = request && headerValue(request.headers, 'accept-encoding');
  const sent = compression === undefined ? response : await compressed(response, accepted, compression);
  return { kind: 'reply', body: serializeHttpReply(event, sent, method) };
}

/** The model server gets the unchanged event, and its JSON is the result. */
async function answerRaw(body: Buffer, work: EventWork, { eventPath = '/' }: LambdaSettings): Promise<Answer> {
  const [path = '/', query = ''] = eventPath.split(/\?(.*)/s);
  const headers: readonly Header[] = [...work.headers, ['content-type', 'application/json']];
  const { response } = await callForEvent(
    work,
    (limits) => ({ method: 'POST', path, query, headers, body, ...limits }),
    'decode',
    'operator',
  );
  const result = invocationResult(response, 'application/json');
  if (!isSuccessStatus(response.status)) throw new InvocationFailure(result['error']);
  return isJsonText(response.body.toString()) ? replyBytes(response.body) : reply(result);
}

async function answerDirect(parameters: unknown, work: EventWork): Promise<Answer> {
  const { isSuccess, result } = await invokeForEvent(parameters, work);
  if (!isSuccess) throw new InvocationFailure(result['error']);
  return reply(result);
}

function reply(result: unknown): Answer {
  return replyBytes(Buffer.from(JSON.stringify(result)));
}

function replyBytes(body: Buffer): Answer {
  if (body.length <= maximumReply.bytes) return { kind: 'reply', body };
  const errorMessage = `the result takes ${body.length} bytes, over the platform's limit of ${maximumReply.bytes}`;
  return { kind: 'failure', error: { errorType: 'RESULT_TOO_LARGE', errorMessage, stackTrace: [] } };
}
