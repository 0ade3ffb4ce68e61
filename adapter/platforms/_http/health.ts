import type { IncomingMessage, ServerResponse } from 'node:http';
import { isReady } from '../../call/is-ready.ts';
import { jsonResponse } from '../../call/failure-reply.ts';
import type { PlatformContext } from '../platform.ts';
import { drain } from './request.ts';
import { sendResponse } from './response.ts';

/**
 * Answers a health check: 200 with an empty body where the model server can be called, else 503. Nothing is waited for,
 * and the model server is not asked, so that the answer comes at once however busy it is.
 */
export async function answerHealth(
  model: PlatformContext['model'],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const ready = { status: 200, headers: [], body: Buffer.alloc(0) };
  const reply = (await isReady(model)) ? ready : jsonResponse(503, notReady);
  await sendResponse(outgoing, reply, incoming.method ?? 'GET');
  drain(incoming);
}

const notReady = { message: 'the model is not ready yet', code: 'MODEL_START' };
