import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { codeOf, messageOf } from '../../../core/errors.ts';
import { isRefused, ModelServerError } from '../../errors.ts';
import type { WholeRequest, WholeResponse } from '../../http/message.ts';
import { collectReply } from '../reply.ts';
import { onAbort } from '../abort.ts';
import { requestHeaders } from '../request-headers.ts';

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** A longer reply is refused with MODEL_REPLY. */
  readonly maximumReply: number;
  /**
   * A server closes a connection that has been idle for too long, sometimes just as the next request goes out. Such a
   * request fails at once, before any byte of a reply, and was not read by the server: it is sent again on a new
   * connection (RFC 9112 section 9.3.1). One that fails later than this many milliseconds may have been worked on, and
   * is not repeated. Default 1000.
   */
  readonly staleWithin?: number;
}

/** Keep-alive connections to one model server. */
export interface Client {
  /** Sends the request as it is and collects the reply. Rejects with ModelServerError, see ModelServer.handle. */
  call(request: WholeRequest): Promise<WholeResponse>;
  /** Drops every connection; calls under way fail. */
  close(): void;
}

const maxHeaderSize = 65_536;

export function createClient({ host, port, maximumReply, staleWithin = 1000 }: ClientOptions): Client {
  const agent = new http.Agent({ keepAlive: true, scheduling: 'lifo' });
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

  const call = async (request: WholeRequest): Promise<WholeResponse> => {
    const started = performance.now();
    try {
      return await send(request, agent);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw asModelServerError(error);
      if (performance.now() - started > staleWithin) throw brokenOff(error.cause);
      // An agent of its own: the other idle connections may be just as stale.
      return repeat(request, error.cause);
    }
  };

  const repeat = async (request: WholeRequest, cause: unknown): Promise<WholeResponse> => {
    try {
      return await send(request, false);
    } catch (error) {
      // The server is gone: it may have died of this very request, which must not reach the next one.
      throw isRefused(error) ? brokenOff(cause) : asModelServerError(error);
    }
  };

  const send = (request: WholeRequest, through: http.Agent | false): Promise<WholeResponse> =>
    new Promise((resolve, reject) => {
      let settled = false;
      let forget: (() => void) | undefined;
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        forget?.();
        finish();
      };
      const fail = (error: unknown): void => {
        settle(() => {
          outgoing.destroy();
          reject(error);
        });
      };

      const receive = async (incoming: http.IncomingMessage): Promise<void> => {
        try {
          const response = await collectReply(incoming, maximumReply);
          settle(() => resolve(response));
        } catch (error) {
          fail(error);
        }
      };

      const outgoing = http.request({
        host,
        port,
        agent: through,
        method: request.method,
        path: request.query === '' ? request.path : `${request.path}?${request.query}`,
        headers: requestHeaders(request, authority),
        maxHeaderSize,
      });
      outgoing.on('error', (error) => fail(failureOf(error, outgoing)));
      outgoing.on('response', (incoming) => void receive(incoming));
      // Without a listener for it, a reply of status 101 would end in nothing.
      outgoing.on('upgrade', (incoming) => void receive(incoming));
      outgoing.end(request.body);
      forget = onAbort(request.signal, () =>
        fail(new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time')),
      );
    });

  return { call, close: () => agent.destroy() };
}

class StaleConnection extends Error {}

function failureOf(error: Error, outgoing: http.ClientRequest): Error {
  const code = codeOf(error) ?? '';
  if (code.startsWith('HPE_')) {
    return new ModelServerError('MODEL_REPLY', `the model server's reply is not HTTP: ${error.message}`, {
      cause: error,
    });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return outgoing.reusedSocket ? new StaleConnection('', { cause: error }) : brokenOff(error);
  }
  return asModelServerError(error);
}

function asModelServerError(error: unknown): ModelServerError {
  if (error instanceof ModelServerError) return error;
  return new ModelServerError('MODEL_UNREACHABLE', `cannot call the model server: ${messageOf(error)}`, {
    cause: error,
  });
}

function brokenOff(cause: unknown): ModelServerError {
  return new ModelServerError('MODEL_CRASHED', 'the model server closed the connection before it replied', { cause });
}
