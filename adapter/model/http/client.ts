import type http from 'node:http';
import { performance } from 'node:perf_hooks';
import { discardBody, wholeRequest } from '../../http/body.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../../http/message.ts';
import { isRefused } from '../../errors.ts';
import { requestHeaders } from '../request-headers.ts';
import { ModelServerAgent } from './agent.ts';
import { asModelServerError, brokenOff, StaleConnection } from './client-error.ts';
import { watchForDelay } from './delayed-body.ts';
import { exchange } from './exchange.ts';

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** Longest body, in bytes, that is read whole: one of unknown length for a server that takes no chunks. */
  readonly maximumBody: number;
  /**
   * A server closes a connection that has been idle for too long, sometimes just as the next request goes out. Such a
   * request fails at once, before any byte of a reply, and was not read by the server: it is sent again on a new
   * connection (RFC 9112 section 9.3.1). One that fails later than this many milliseconds may have been worked on, and
   * is not repeated. Default 1000.
   */
  readonly staleWithin?: number;
}

/** Connections to one model server, kept alive unless that slows it down. */
export interface Client {
  /** Sends the request as it is; resolves with the head of the reply and its body, as ModelServer.handle does. */
  call(request: ModelRequest): Promise<ModelResponse>;
  /** Drops every connection; calls under way fail. */
  close(): void;
}

const maxHeaderSize = 65_536;

export function createClient({ host, port, maximumBody, staleWithin = 1000 }: ClientOptions): Client {
  const agent = new ModelServerAgent({ keepAlive: true, scheduling: 'lifo' });
  const newConnection = new ModelServerAgent();
  // No request may be sent in chunks to a server that has not shown to speak HTTP/1.1 (RFC 9112, section 6.1).
  let takesChunks = false;
  // Connections are kept until that is found to slow the server's replies.
  let keepsConnections = true;
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

  const call = async (request: ModelRequest): Promise<ModelResponse> => {
    // A stream can be sent only once, so it goes out on a new connection, which is not stale.
    if (!Buffer.isBuffer(request.body)) return sendStream(request, request.body);
    const started = performance.now();
    try {
      return await send(request, keepsConnections && request.webSocket !== true ? agent : newConnection);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw asModelServerError(error);
      if (performance.now() - started > staleWithin) throw brokenOff(error.cause);
      // An agent of its own: the other idle connections may be just as stale.
      return repeat(request, error.cause);
    }
  };

  const sendStream = async (request: ModelRequest, body: BodyStream): Promise<ModelResponse> => {
    if (body.length === undefined && !takesChunks) return call(await wholeRequest(request, maximumBody));
    try {
      return await send(request, newConnection);
    } catch (thrown) {
      const error = asModelServerError(thrown);
      // One that was refused is sent again by whoever restarts the server: nothing of the body was read.
      if (!isRefused(error)) discardBody(body);
      throw error;
    }
  };

  const repeat = async (request: ModelRequest, cause: unknown): Promise<ModelResponse> => {
    try {
      return await send(request, newConnection);
    } catch (error) {
      // The server is gone: it may have died of this very request, which must not reach the next one.
      throw isRefused(error) ? brokenOff(cause) : asModelServerError(error);
    }
  };

  const send = async (request: ModelRequest, through: http.Agent): Promise<ModelResponse> => {
    const { response, httpVersion, isReused } = await exchange(request, {
      host,
      port,
      agent: through,
      method: request.method,
      path: request.query === '' ? request.path : `${request.path}?${request.query}`,
      headers: requestHeaders(request, authority),
      maxHeaderSize,
    });
    takesChunks = httpVersion !== '1.0';
    if (isReused) watchForDelay(response.body, () => (keepsConnections = false));
    return response;
  };

  return { call, close: () => agent.destroy() };
}
