import type { IncomingMessage, ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { jsonResponse } from '../../call/failure-reply.ts';
import type { ModelRequest } from '../../http/message.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import { answerHealth } from '../_http/health.ts';
import { endIfModelFails } from '../_http/model-start.ts';
import { listen } from '../_http/listen.ts';
import { predictRequest } from '../_http/predict-request.ts';
import { proxy } from '../_http/proxy.ts';
import { sendResponse } from '../_http/response.ts';
import { withinReplyLimit } from '../_http/within-reply-limit.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { namedRoute } from './custom-attributes.ts';
import { checkServerPort } from './server-port.ts';
import { readSageMakerSettings, type SageMakerSettings } from './settings.ts';

/**
 * A SageMaker container (docs/protocols/sagemaker.md). `GET /ping` is answered from the start: 503 until the model is
 * ready, then 200. `POST /invocations` is the predict route, with the body in any form that the model takes; custom
 * attributes may name another route. All other paths are passed on unchanged, including those of multi-model endpoints.
 */
export async function startSageMaker(context: PlatformContext): Promise<RunningPlatform> {
  const settings = readSageMakerSettings(context.environment);
  checkServerPort(context, settings.safePorts);
  const running = await listen(context, (incoming, outgoing) => serve(context, settings, incoming, outgoing));
  return endIfModelFails(context.model, running);
}

async function serve(
  context: PlatformContext,
  settings: SageMakerSettings,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { headers, method = 'GET', url = '' } = incoming;
  const [path] = url.split('?', 1);
  if (path === '/ping' && method !== 'POST') return answerHealth(context.model, incoming, outgoing);
  if (path === '/execution-parameters' && method === 'GET') {
    return sendResponse(outgoing, jsonResponse(200, executionParameters()), method);
  }
  const now = Date.now();
  await proxy(context, incoming, outgoing, {
    id: headers['x-amzn-sagemaker-inference-id']?.toString(),
    end: now + settings.timeout,
    streamEnd: now + settings.streamTimeout,
    maximumRequest: settings.maximumRequest,
    request: (received) => modelRequest(received, context),
    reply: (response) => withinReplyLimit(response, settings.maximumReply, settings.streams),
  });
}

async function modelRequest(received: ModelRequest, context: PlatformContext): Promise<ModelRequest> {
  const isInvocation = received.path === '/invocations' && received.method === 'POST';
  const route = isInvocation ? namedRoute(received) : received;
  if (route === undefined) return predictRequest(received, context, words);
  const { row, fetchPolicy, configuration } = context;
  return withStreamedFormInput({ ...received, ...route }, row, fetchPolicy, configuration.maximumBody);
}

const words = { data: 'the body', missing: 'the request has no body' };

/** The defaults of a batch transform: one record per call, because models take one input. */
function executionParameters(): object {
  return { MaxConcurrentTransforms: availableParallelism(), BatchStrategy: 'SINGLE_RECORD', MaxPayloadInMB: 6 };
}
