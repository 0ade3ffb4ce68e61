import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../core/errors.ts';
import { checkCredentials } from './authentication.ts';
import type { Controller } from './controller.ts';
import { Rejection, errorReply, messages, rejectionReply } from './errors.ts';
import { isAccepted, jsonReply, readRequest, sendReply, withHeaders, type GatewayRequest, type Reply } from './http.ts';
import { answerRest } from './rest/rest.ts';
import { answerWebAction } from './web-action/web-action.ts';

export interface DispatchSettings {
  readonly key: string;
  readonly payloadLimit: number;
  readonly uriLimit: number;
}

/** Reads one request, answers it by its path and sends the answer. Never rejects. */
export async function dispatch(
  message: IncomingMessage,
  response: ServerResponse,
  controller: Controller,
  settings: DispatchSettings,
): Promise<void> {
  const transaction = transactionId(message.headers['x-request-id']);
  try {
    const request = await readRequest(message, transaction, settings.payloadLimit);
    const reply = await answer(request, message.url ?? '/', controller, settings).catch((error: unknown) =>
      failureReply(error, transaction),
    );
    sendReply(response, withHeaders([['X-Request-ID', transaction]], reply), message.method);
  } catch {
    // The caller went away while sending; nobody is left to be answered.
    response.destroy();
  }
}

async function answer(
  request: GatewayRequest,
  target: string,
  controller: Controller,
  settings: DispatchSettings,
): Promise<Reply> {
  if (target.length > settings.uriLimit) {
    throw new Rejection(414, `URI length exceeds the configured limit of ${settings.uriLimit} characters`);
  }
  if (!allowedMethods.includes(request.method)) {
    const methods = allowedMethods.join(', ');
    throw new Rejection(405, `HTTP method not allowed, supported methods: ${methods}`, {
      headers: [['Allow', methods]],
    });
  }
  const credentials = checkCredentials(request.headers, settings.key);
  if (request.path.startsWith('/api/v1/web/')) {
    const user = credentials === 'accepted' ? controller.options.namespace : undefined;
    return answerWebAction(request, controller, user);
  }
  if (request.path.startsWith('/api/v1/namespaces/')) return answerRest(request, controller, credentials);
  if (/^\/api\/v1\/?$/.test(request.path) && isAccepted(request, 'application/json')) {
    return jsonReply(200, {
      description: 'modelwhisk gateway: OpenWhisk API',
      api_version: '1.0.0',
      api_version_path: 'v1',
    });
  }
  throw new Rejection(404, messages.notFoundRoute);
}

const allowedMethods = ['GET', 'DELETE', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH'];

function failureReply(error: unknown, transaction: string): Reply {
  if (error instanceof Rejection) return rejectionReply(error, transaction);
  if (error instanceof URIError) return rejectionReply(new Rejection(400, messageOf(error)), transaction);
  return errorReply(500, transaction);
}

/** The caller's id, unless it claims to be one of the system's own, else 32 characters of our own. */
function transactionId(given: string | string[] | undefined): string {
  const isUsable = typeof given === 'string' && given !== '' && !given.startsWith('sid_');
  return isUsable ? given : randomBytes(16).toString('hex');
}
