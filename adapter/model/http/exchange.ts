import http from 'node:http';
import type { Duplex } from 'node:stream';
import { explained } from '../../http/body.ts';
import { headerPairs } from '../../http/headers.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';
import { onAbort } from '../abort.ts';
import { ModelServerError } from '../../errors.ts';
import { impossibleStatus, isPossibleStatus, replyBody, switchedReply } from './reply.ts';
import { failureOf } from './client-error.ts';

/** The head of a reply, its body, and what the server told of itself. */
export interface Exchange {
  readonly response: ModelResponse;
  /** The server's version of HTTP, for example "1.0". */
  readonly httpVersion: string;
  /** Whether the connection had served an earlier call. */
  readonly isReused: boolean;
}

/**
 * Sends one request and resolves with the reply as soon as its head is there. Rejects with what made it fail before
 * that: ModelServerError, StaleConnection, Node's error of the connection, or what the request's body failed with.
 */
export function exchange(
  request: ModelRequest,
  options: http.RequestOptions & { readonly host: string; readonly port: number },
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let incoming: http.IncomingMessage | undefined;
    let forget: (() => void) | undefined;
    const outgoing = http.request(options);
    const fail = (error: unknown): void => {
      forget?.();
      reject(error);
      // Past its head the reply's own stream tells of the failure.
      incoming?.destroy(error as Error);
      outgoing.destroy();
    };

    const receive = (message: http.IncomingMessage): void => {
      incoming = message;
      // What happens before somebody reads the body is kept by the stream, and must not be thrown here.
      message.on('error', () => undefined);
      if (!isPossibleStatus(message.statusCode)) {
        fail(impossibleStatus(message.statusCode));
        return;
      }
      message.once('close', () => forget?.());
      // A server may reply to what it has not read to its end; it gets no more of it after that.
      message.once('end', () => outgoing.writableEnded || outgoing.destroy());
      // By then the parser has been through all that arrived together with the head.
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

    outgoing.on('error', (error) => fail(incoming === undefined ? failureOf(error, outgoing) : error));
    outgoing.on('response', receive);
    // Without a listener for it, a reply of status 101 would end in nothing.
    outgoing.on('upgrade', takeOver);
    if (Buffer.isBuffer(request.body)) outgoing.end(request.body);
    else sendStream(request.body, outgoing, fail);
    forget = onAbort(request.signal, () =>
      fail(new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time')),
    );
  });
}

/** Sends the body once there is a connection: until then nothing of it is lost if there is none. */
function sendStream(body: BodyStream, outgoing: http.ClientRequest, fail: (error: unknown) => void): void {
  const send = async (): Promise<void> => {
    const { failure } = await pump(body.stream, outgoing);
    // The reply, or its failure, tells why the server reads no further.
    if (failure instanceof DestinationClosed) return;
    if (failure !== undefined) {
      fail(await explained(body, failure));
      return;
    }
    outgoing.addTrailers(body.trailers?.().map(([name, value]): [string, string] => [name, value]) ?? []);
    outgoing.end();
  };
  outgoing.once('socket', (socket) => socket.once('connect', () => void send()));
  // The head goes out at once, as the first bytes of the body may take their time.
  outgoing.flushHeaders();
}
