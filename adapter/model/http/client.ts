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
  /** Longest body that is read as a whole, in bytes: one of unknown length, for a server without chunked encoding. */
  readonly maximumBody: number;
  /**
   * A server may close an idle connection while the next request is being sent. Such a request fails immediately,
   * before any byte of a reply, and the server did not read it. It is sent again on a new connection (RFC 9112,
   * section 9.3.1). A request that fails after more than these milliseconds may have been processed and is not
   * repeated. Default 1000.
   */
  readonly staleWithin?: number;
}

/** Connections to one model server. They are kept alive unless that delays replies. */
export interface Client {
  /** Sends the request unchanged. Resolves with the reply after its head, like ModelServer.handle. */
  call(request: ModelRequest): Promise<ModelResponse>;
  /** Closes the connections that wait for a call. */
  renew(): void;
  /** Closes all connections. Running calls fail. */
  close(): void;
}

const maxHeaderSize = 65_536;

/** Milliseconds within which the server has to tell its version of HTTP, else it is taken for HTTP/1.0. */
const versionTimeout = 1000;

export function createClient({ host, port, maximumBody, staleWithin = 1000 }: ClientOptions): Client {
  const agent = new ModelServerAgent({ keepAlive: true, scheduling: 'lifo' });
  const newConnection = new ModelServerAgent();
  // Chunked requests are allowed only after the server has answered with HTTP/1.1 (RFC 9112, section 6.1). Undefined
  // before its first answer.
  let takesChunks: boolean | undefined;
  // Becomes false if kept connections delay the server's replies.
  let keepsConnections = true;
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

  const call = async (request: ModelRequest): Promise<ModelResponse> => {
    // A stream can be sent only once, so it gets a new connection, which cannot be stale.
    if (!Buffer.isBuffer(request.body)) return sendStream(request, request.body);
    const started = performance.now();
    try {
      return await send(request, keepsConnections && request.webSocket !== true ? agent : newConnection);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw asModelServerError(error);
      if (performance.now() - started > staleWithin) throw brokenOff(error.cause);
      // On a new connection, because the other idle ones may be stale as well.
      return repeat(request, error.cause);
    }
  };

  const sendStream = async (request: ModelRequest, body: BodyStream): Promise<ModelResponse> => {
    if (body.length === undefined && takesChunks === undefined) await askVersion();
    if (body.length === undefined && takesChunks !== true) return call(await wholeRequest(request, maximumBody));
    try {
      return await send(request, newConnection);
    } catch (thrown) {
      const error = asModelServerError(thrown);
      // After a refused connection, the body is unread, and the request is sent again after a restart.
      if (!isRefused(error) && body.onSending === undefined) discardBody(body);
      throw error;
    }
  };

  /** Sends a request of its own, whose reply tells the server's version of HTTP. */
  const askVersion = async (): Promise<void> => {
    const signal = AbortSignal.timeout(versionTimeout);
    const none = { path: '/', query: '', headers: [], body: Buffer.alloc(0) };
    try {
      const { body } = await send(
        { ...none, method: 'HEAD', signal, deadline: Date.now() + versionTimeout },
        newConnection,
      );
      discardBody(body);
    } catch (error) {
      // A refused connection leaves the caller's body unread, so that the call can wait for a restart.
      if (isRefused(error)) throw asModelServerError(error);
    }
  };

  const repeat = async (request: ModelRequest, cause: unknown): Promise<ModelResponse> => {
    try {
      return await send(request, newConnection);
    } catch (error) {
      // The server is gone, perhaps because of this request, so the request must not reach the next server.
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

  return { call, renew: () => closeIdle(agent), close: () => agent.destroy() };
}

function closeIdle({ freeSockets }: ModelServerAgent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
