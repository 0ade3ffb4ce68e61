import http from 'node:http';
import type { Duplex } from 'node:stream';
import { discardBody, explained } from '../../http/body.ts';
import { headerPairs } from '../../http/headers.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';
import { onAbort } from '../abort.ts';
import { isCrash, ModelServerError } from '../../errors.ts';
import { impossibleStatus, isPossibleStatus } from '../../http/status.ts';
import { brokenReply, replyBody, switchedReply } from './reply.ts';
import { failureOf } from './client-error.ts';

/** A reply, and facts about the server's connection. */
export interface Exchange {
  readonly response: ModelResponse;
  /** The server's version of HTTP, for example "1.0". */
  readonly httpVersion: string;
  /** Whether the connection had served an earlier call. */
  readonly isReused: boolean;
}

/**
 * Sends one request and resolves with the reply after its head. Rejects with the error before that: ModelServerError,
 * StaleConnection, Node's connection error, or the error of the request's body.
 */
export function exchange(
  request: ModelRequest,
  options: http.RequestOptions & { readonly host: string; readonly port: number },
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let incoming: http.IncomingMessage | undefined;
    let forget: (() => void) | undefined;
    const outgoing = http.request(options);
    // An interim reply, or a part of the head, shows that the server works on this call.
    let receivedBefore = 0;
    outgoing.once('socket', ({ bytesRead }) => (receivedBefore = bytesRead));
    const isStale = (): boolean => outgoing.reusedSocket && outgoing.socket?.bytesRead === receivedBefore;
    // The first failure counts: that of the connection follows it.
    let mayRepeat = true;
    const fail = (error: unknown): void => {
      forget?.();
      mayRepeat &&= isCrash(error);
      reject(incoming === undefined ? error : brokenReply(error));
      // After the head, the reply's stream reports the failure.
      incoming?.destroy(error as Error);
      outgoing.destroy();
    };

    const receive = (message: http.IncomingMessage): void => {
      incoming = message;
      // The stream keeps an error for its reader. Without a listener it would be thrown here.
      message.on('error', () => undefined);
      if (!isPossibleStatus(message.statusCode)) {
        fail(impossibleStatus(message.statusCode));
        return;
      }
      message.once('close', () => forget?.());
      // A server may reply before it has read the whole request. Stop sending the rest.
      message.once('end', () => outgoing.writableEnded || outgoing.destroy());
      // In the next tick, the parser has processed all bytes that arrived with the head.
      process.nextTick(() => {
        const { statusCode: status = 0, httpVersion } = message;
        const body = replyBody(message, request.method, options.host, options.port);
        const response = { status, headers: headerPairs(message.rawHeaders), body };
        resolve({ response, httpVersion, isReused: outgoing.reusedSocket });
      });
    };

    const takeOver = (message: http.IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (request.webSocket !== true) {
        receive(message);
        return;
      }
      socket.once('close', () => forget?.());
      // What came together with the head is the first of what comes over the connection.
      socket.unshift(head);
      const { httpVersion } = message;
      resolve({ response: switchedReply(message, socket, options), httpVersion, isReused: outgoing.reusedSocket });
    };

    outgoing.on('error', (error) => {
      // What follows a complete reply is no part of it.
      if (incoming?.complete !== true) fail(incoming === undefined ? failureOf(error, isStale()) : error);
    });
    outgoing.on('response', receive);
    outgoing.on('information', ({ statusCode, rawHeaders }) => {
      if (statusCode === 103) request.onEarlyHints?.(headerPairs(rawHeaders));
    });
    // Without this listener, a reply with status 101 would be lost.
    outgoing.on('upgrade', takeOver);
    if (Buffer.isBuffer(request.body)) outgoing.end(request.body);
    else sendStream(request.body, outgoing, { fail, isOver: () => incoming?.complete === true || !mayRepeat });
    forget = onAbort(request.signal, () =>
      fail(new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time')),
    );
  });
}

/** Sends the body only after connecting, so that a refused connection leaves it unread. */
function sendStream(
  body: BodyStream,
  outgoing: http.ClientRequest,
  { fail, isOver }: { readonly fail: (error: unknown) => void; readonly isOver: () => boolean },
): void {
  const send = async (): Promise<void> => {
    body.onSending?.();
    const { failure } = await pump(body.stream, outgoing);
    // The server reads no further. Its reply, or the reply's failure, says why.
    if (failure instanceof DestinationClosed) {
      // The caller's next request follows the rest of this body. After a crash, the body may be sent again.
      if (isOver()) discardBody(body);
      return;
    }
    if (failure !== undefined) {
      fail(await explained(body, failure));
      return;
    }
    outgoing.addTrailers(body.trailers?.().map(([name, value]): [string, string] => [name, value]) ?? []);
    outgoing.end();
  };
  outgoing.once('socket', (socket) => socket.once('connect', () => void send()));
  // Send the head immediately, because the body may start late.
  outgoing.flushHeaders();
}
