import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ModelRequest } from '../../http/message.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import { answerHealth } from '../_http/health.ts';
import { listen } from '../_http/listen.ts';
import { endIfModelFails } from '../_http/model-start.ts';
import { predictRequest } from '../_http/predict-request.ts';
import { proxy, type ProxyRules } from '../_http/proxy.ts';
import { readBody } from '../_http/request.ts';
import { limitReading, sendResponse } from '../_http/response.ts';
import { withinReplyLimit } from '../_http/within-reply-limit.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { readInstances } from './instances.ts';
import { predictEach } from './run.ts';
import { readVertexSettings, takesInstances, type VertexSettings } from './settings.ts';

/**
 * A custom container of Vertex AI (docs/protocols/vertex.md). The health route is 200 once the model is ready, and 503
 * before. The predict route takes `{"instances": […], "parameters": {…}}`, and any other body as a raw prediction. All
 * other paths pass unchanged, for endpoints with an invoke route.
 */
export async function startVertex(context: PlatformContext): Promise<RunningPlatform> {
  const settings = readVertexSettings(context.environment);
  const running = await listen(context, (incoming, outgoing) => serve(context, settings, incoming, outgoing));
  return endIfModelFails(context.model, running);
}

async function serve(
  context: PlatformContext,
  settings: VertexSettings,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '', headers } = incoming;
  const [path] = url.split('?', 1);
  if (path === settings.healthRoute && method !== 'POST') return answerHealth(context.model, incoming, outgoing);
  const isPrediction = path === settings.predictRoute && method === 'POST';
  const rules = {
    end: Date.now() + settings.timeout,
    maximumRequest: settings.maximumRequest,
    request: (received) => modelRequest(received, isPrediction, context),
    reply: (response) => withinReplyLimit(response, settings.maximumReply, true),
  } satisfies ProxyRules;
  const mayBeList = isPrediction && isJsonFamily(headers['content-type']) && !takesInstances(context.row, settings);
  if (!mayBeList) return proxy(context, incoming, outgoing, rules);
  try {
    const body = await readBody(incoming, settings.maximumRequest, AbortSignal.timeout(settings.timeout));
    const given = readInstances(body);
    if (given === undefined) return await proxy(context, incoming, outgoing, { ...rules, body });
    const isGone = (): boolean => outgoing.destroyed;
    const reply = await predictEach(given, { context, settings, incoming, end: rules.end, isGone });
    if (isGone()) return;
    await sendResponse(outgoing, reply, method);
    limitReading(outgoing, rules.end);
  } catch (error) {
    const request = (): never => {
      throw error;
    };
    await proxy(context, incoming, outgoing, { ...rules, body: Buffer.alloc(0), request });
  }
}

function modelRequest(
  received: ModelRequest,
  isPrediction: boolean,
  context: PlatformContext,
): ModelRequest | Promise<ModelRequest> {
  if (isPrediction) return predictRequest(received, context, words);
  const { row, fetchPolicy, configuration } = context;
  return withStreamedFormInput(received, row, fetchPolicy, configuration.maximumBody);
}

const words = { data: 'the body', missing: 'the request has no body' };
