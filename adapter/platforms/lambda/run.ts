import { CallerError } from '../../errors.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { JsonText } from '../../json/exact.ts';
import { answerMessages, answerObjects } from './batch.ts';
import { detectEvent, type HttpEvent, type LambdaEvent } from './event.ts';
import { callModelFor, invoke, type Work } from './invoke.ts';
import { functionError, type FunctionError } from './function-error.ts';
import { httpRequest } from './request.ts';
import { maximumReply, serializeHttpReply, streamedReply } from './response.ts';

/** What an invocation comes to. */
export type Answer =
  | { readonly kind: 'reply'; readonly body: Buffer }
  | { readonly kind: 'stream'; readonly parts: readonly Buffer[] }
  | { readonly kind: 'failure'; readonly error: FunctionError };

/** Answers one event; what goes wrong with a model call is an HTTP reply or a failure, and never thrown. */
export async function answer(work: Work): Promise<Answer> {
  try {
    const event = readEvent(work.invocation.event);
    switch (event.kind) {
      case 'rest':
      case 'http':
        return await answerHttp(event, work, work.settings.responseStream);
      case 'alb':
        // A load balancer cannot stream (configuration-response-streaming).
        return await answerHttp(event, work, false);
      case 's3':
        return reply(await answerObjects(event.objects, work));
      case 'sqs':
        return reply(await answerMessages(event.messages, work));
      case 'direct':
        return reply(await invoke(event.parameters, work));
    }
  } catch (error) {
    return { kind: 'failure', error: functionError(error) };
  }
}

function readEvent(body: Buffer): LambdaEvent {
  let document: JsonText;
  try {
    document = JsonText.parse(body.toString());
  } catch (cause) {
    throw new CallerError(400, 'EVENT', 'the event is not JSON', { cause });
  }
  const event = detectEvent(document.value);
  return event.kind === 'direct' ? { ...event, parameters: document.members() ?? event.parameters } : event;
}

async function answerHttp(event: HttpEvent, work: Work, responseStream: boolean): Promise<Answer> {
  const { context, settings } = work;
  const { row, fetchPolicy } = context;
  const { response, request } = await callModelFor(
    work,
    (limits) => withFormInput(httpRequest(event, work.invocation, row, limits, settings.basePath), row, fetchPolicy),
    'keep',
  );
  const method = request?.method ?? 'GET';
  if (responseStream) return { kind: 'stream', parts: streamedReply(response, method) };
  return { kind: 'reply', body: serializeHttpReply(event, response, method) };
}

function reply(result: unknown): Answer {
  const body = Buffer.from(JSON.stringify(result));
  if (body.length <= maximumReply) return { kind: 'reply', body };
  const errorMessage = `the result takes ${body.length} bytes, over the platform's limit of ${maximumReply}`;
  return { kind: 'failure', error: { errorType: 'RESULT_TOO_LARGE', errorMessage, stackTrace: [] } };
}
