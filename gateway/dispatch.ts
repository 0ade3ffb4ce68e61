import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkCredentials } from './authentication.ts';
import type { Controller } from './controller.ts';
import { ControllerFailure, Rejection, internalErrorReply, refusalReply, rejectionReply } from './errors.ts';
import { withHeaders, type GatewayRequest, type Reply } from './http/message.ts';
import { negotiatedMessage } from './http/negotiation.ts';
import { markRefused } from './http/parser-error.ts';
import { entityType, hasLeft, readBody, readHead, type RequestLimits } from './http/read-request.ts';
import { Refusal } from './http/refusal.ts';
import { sendReply } from './http/send-reply.ts';
import { answer } from './routes.ts';

export interface DispatchSettings extends RequestLimits {
  /** `uuid:key` of the namespace. */
  readonly key: string;
}

/** Reads one request, answers it and sends the answer. Never rejects. */
export async function dispatch(
  message: IncomingMessage,
  response: ServerResponse,
  controller: Controller,
  settings: DispatchSettings,
): Promise<void> {
  try {
    const request = await readRequest(message, settings);
    const credentials = checkCredentials(request.headers, settings.key);
    const reply = await answer(request, controller, credentials).catch((error: unknown) =>
      failureReply(error, request),
    );
    sendReply(response, withHeaders([['X-Request-ID', request.transaction]], reply), message.method);
  } catch (error) {
    if (error instanceof Refusal) {
      response.shouldKeepAlive = false;
      markRefused(response.socket);
      sendReply(response, refusalReply(error), message.method);
    } else {
      if (!hasLeft(message)) reportBug(error);
      response.destroy();
    }
  }
}

/** Any error but a Rejection, a Refusal or a ControllerFailure. The caller's reply does not tell it. */
function reportBug(error: unknown): void {
  console.error('modelwhisk: the gateway failed:', error);
}

async function readRequest(message: IncomingMessage, limits: RequestLimits): Promise<GatewayRequest> {
  const head = readHead(message, limits);
  const { body, bodyLength } = await readBody(message, limits);
  const { method, path, query, headers } = head;
  const contentType = entityType(head, bodyLength);
  const peer = message.socket.remoteAddress ?? '';
  return { method, path, query, headers, contentType, body, bodyLength, peer, transaction: transactionId(message) };
}

function failureReply(error: unknown, request: GatewayRequest): Reply {
  if (error instanceof ControllerFailure) {
    console.error(`modelwhisk: ${error.message}\n  ${error.hint ?? ''}`);
    return internalErrorReply();
  }
  if (!(error instanceof Rejection)) {
    reportBug(error);
    return internalErrorReply();
  }
  return rejectionReply(error, negotiatedMessage(request, error.message), request.transaction);
}

/** The caller's id, or a random one if the caller gave none or one with the reserved prefix `sid_`. */
function transactionId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  const isUsable = typeof given === 'string' && given !== '' && !given.startsWith('sid_');
  return isUsable ? given : randomBytes(16).toString('hex');
}
