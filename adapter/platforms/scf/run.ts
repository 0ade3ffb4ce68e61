import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { CallerError } from '../../errors.ts';
import type { ModelRow } from '../../../core/row.ts';
import { callModel, type Call, type CallLimits } from '../../call/call-model.ts';
import { failureResponse, tooLargeResponse } from '../../call/failure-reply.ts';
import { withFormInput } from '../../inputs/form-input.ts';
import { invocationRequest, invocationResult } from '../../inputs/invocation.ts';
import { isJsonObject } from '../../json/object.ts';
import { logCall } from '../../call/log.ts';
import type { WholeRequest, WholeResponse } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import { readBody } from '../_http/request.ts';
import { readScfCall, type ScfCall } from './call-context.ts';
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
  const { headers } = incoming;
  const work: Work = { context, scf: readScfCall(headers), headers };
  try {
    const event = readEvent(await readBody(incoming, maximumRequest));
    switch (event.kind) {
      case 'gateway':
      case 'url':
        return json(200, await answerHttp(event, work));
      case 'cos':
        return await answerObjects(event.objects, work);
      case 'direct': {
        const { status, result } = await invoke(event.parameters, work);
        return resultResponse(status, result);
      }
    }
  } catch (error) {
    return failureResponse(error, 0);
  }
}

interface Work {
  readonly context: PlatformContext;
  readonly scf: ScfCall;
  /** With the credentials of the function's role among them. */
  readonly headers: IncomingHttpHeaders;
}

async function answerHttp(event: HttpEvent, work: Work): Promise<Buffer> {
  const { row } = work.context;
  const policy = withCos(work.context.fetchPolicy, work.headers);
  const { response, request } = await call(
    work,
    (limits) => withFormInput(httpRequest(event, work.scf.headers, row, limits), row, policy),
    event.kind === 'gateway' ? 'keep' : 'decode',
  );
  return serializeHttpReply(event, response, request?.method ?? 'GET');
}

/** Calls the model for each object; the first failure is the event's, so that the trigger tries all of it again. */
async function answerObjects(objects: readonly CosObject[], work: Work): Promise<WholeResponse> {
  const results = [];
  for (const object of objects) {
    const { bucket, key, region } = object;
    const { status, result } = await invoke(objectParameters(object, work.context.row), work, region);
    if (status !== 200) return resultResponse(status, { ...result, bucket, key });
    results.push({ bucket, key, result });
  }
  return resultResponse(200, results);
}

function objectParameters({ bucket, key }: CosObject, { predict: { input } }: ModelRow): Record<string, string> {
  return input.kind === 'file' ? { [`${input.field}_url`]: `s3://${bucket}/${key}` } : { bucket, key };
}

interface Outcome {
  /** 200, or the status of the failure. */
  readonly status: number;
  readonly result: Record<string, unknown>;
}

/** Calls the predict route with parameters instead of an HTTP request. */
async function invoke(parameters: unknown, work: Work, region?: string): Promise<Outcome> {
  const { row } = work.context;
  const policy = withCos(work.context.fetchPolicy, work.headers, region);
  const { response } = await call(
    work,
    (limits) => {
      if (!isJsonObject(parameters)) {
        throw new CallerError(
          400,
          'EVENT',
          `the event is ${JSON.stringify(parameters).slice(0, 100)}; expected an object`,
        );
      }
      return invocationRequest(parameters, row, { headers: work.scf.headers, ...limits }, policy);
    },
    'decode',
  );
  const { status } = response;
  const outcome = status >= 400 ? status : 502;
  return { status: status >= 200 && status <= 299 ? 200 : outcome, result: invocationResult(response) };
}

async function call(
  { context, scf }: Work,
  build: (limits: CallLimits) => WholeRequest | Promise<WholeRequest>,
  contentEncoding: 'decode' | 'keep',
): Promise<Call> {
  const started = performance.now();
  const done = await callModel(context, scf.end, build, contentEncoding);
  if (context.configuration.log === 'json') logCall(scf.id, done, performance.now() - started);
  return done;
}

function resultResponse(status: number, result: unknown): WholeResponse {
  const body = Buffer.from(JSON.stringify(result));
  return body.length > maximumReply ? tooLargeResponse(body.length, 'an SCF result', maximumReply) : json(status, body);
}

function json(status: number, body: Buffer): WholeResponse {
  return { status, headers: [['content-type', 'application/json']], body };
}
