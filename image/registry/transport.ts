import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';

import type { Environment } from '../../core/settings.ts';
import { AgentPool } from './agents.ts';
import { readCertificates, type Certificates } from './certificates.ts';
import { connectionError } from './connection-error.ts';
import { AddressRefused, RegistryError } from './errors.ts';
import { proxyFor } from './proxy.ts';
import type { Reach } from './reach.ts';

/** A body that can be sent more than once: bytes, or something that opens a fresh stream for each attempt. */
export type RequestBody = Uint8Array | { readonly size: number; readonly open: () => Readable | Promise<Readable> };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Which addresses the URL's host may have. Default: any. */
  readonly reach?: Reach;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly url: URL;
  /** The IP address that answered; undefined where a proxy made the connection. */
  readonly address: string | undefined;
  /** Must be read to its end or destroyed; fails with TransientError when the connection breaks or stalls. */
  readonly body: Readable;
}

export interface TransportOptions {
  /**
   * Where to find HTTPS_PROXY, HTTP_PROXY and NO_PROXY, see proxyFor, and Docker's certificates, see readCertificates.
   * Default: no proxy.
   */
  readonly environment?: Environment;
  /** How host names become addresses. Default: as the operating system has it. */
  readonly lookup?: LookupFunction;
  /** A connection that moves fewer than `stallBytes` in this many milliseconds is broken off. Default 60 000. */
  readonly stallTimeout?: number;
  /** Default 65 536, about 1 KB per second: slower than any usable connection. */
  readonly stallBytes?: number;
  /** How many `stallTimeout`s a server may take before it answers: committing a large blob takes long. Default 5. */
  readonly answerPatience?: number;
}

/**
 * Sends one request over kept-alive connections, without following redirects and without retrying.
 *
 * node:http and not fetch, because undici's fetch keeps streamed request bodies in memory (nodejs/undici issue 4058).
 * Connection failures reject with TransientError, a certificate that is not trusted with RegistryError, an address
 * outside of `reach` with AddressRefused, an aborted signal with its reason, a failing body with its own error.
 */
export class Transport {
  readonly #agents: AgentPool;
  readonly #certificates = new Map<string, Promise<Certificates | undefined>>();
  readonly #options: Required<Omit<TransportOptions, 'lookup'>>;

  constructor({ lookup, ...options }: TransportOptions = {}) {
    this.#agents = new AgentPool(lookup);
    this.#options = { environment: {}, stallTimeout: 60_000, stallBytes: 65_536, answerPatience: 5, ...options };
  }

  async send({ method, url, headers, body, reach = 'anywhere', signal }: HttpRequest): Promise<HttpResponse> {
    signal.throwIfAborted();
    const proxy = proxyFor(url, this.#options.environment);
    const agent = await this.#agents.agentFor(url, proxy, reach);
    const certificates = url.protocol === 'https:' ? await this.#certificatesFor(url.host) : undefined;
    const source = body !== undefined && 'open' in body ? await body.open() : body;
    const size = body === undefined ? undefined : 'open' in body ? body.size : body.byteLength;
    const options = {
      method,
      signal,
      agent,
      ...certificates,
      headers: { 'user-agent': 'modelwhisk', ...headers, ...(size !== undefined && { 'content-length': size }) },
    };
    const request = (url.protocol === 'https:' ? https : http).request(withoutUser(url), options);
    const stopWatching = watchForStall(request, this.#options);
    const explain = (cause: unknown): Error =>
      signal.aborted
        ? asError(signal.reason)
        : cause instanceof AddressRefused
          ? cause
          : connectionError(url, proxy, cause);
    try {
      const response = await exchange(request, source);
      response.once('close', stopWatching);
      const address = proxy === undefined ? response.socket.remoteAddress : undefined;
      const { statusCode: status = 0, headers: received } = response;
      return { status, headers: received, url, address, body: bodyOf(response, explain) };
    } catch (error) {
      stopWatching();
      request.destroy();
      throw error instanceof BodyFailure ? error.cause : explain(error);
    }
  }

  /** Closes the idle connections. */
  close(): void {
    this.#agents.close();
  }

  async #certificatesFor(host: string): Promise<Certificates | undefined> {
    const known = this.#certificates.get(host) ?? readCertificates(host, this.#options.environment);
    this.#certificates.set(host, known);
    return known;
  }
}

/** Node would send a name and password in a URL as Basic credentials. */
function withoutUser(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** Reads a whole body of at most `limit` bytes; more is a RegistryError. */
export async function readBody(response: HttpResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit)
      throw new RegistryError('REGISTRY_PROTOCOL', `${response.url.host} sent more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The stream of the request's body failed: the error is about the source of the bytes, not about this connection. */
class BodyFailure extends Error {}

function exchange(request: http.ClientRequest, body: Uint8Array | Readable | undefined): Promise<http.IncomingMessage> {
  const source = body instanceof Readable ? body : undefined;
  let sent = false;
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('finish', () => (sent = true));
    request.once('error', reject);
    request.once('close', () => reject(new Error('connection closed without an answer')));
    request.once('response', (response) => {
      // A server that answers before it has read everything has refused the request. The rest is not sent.
      if (!sent) response.once('close', () => request.destroy());
      resolve(response);
    });
    source?.once('error', (cause) => reject(new BodyFailure('request body failed', { cause })));
    if (body instanceof Readable) body.pipe(request);
    else request.end(body);
  }).finally(() => {
    source?.unpipe(request);
    if (!sent) source?.destroy();
  });
}

function bodyOf(response: http.IncomingMessage, explain: (cause: unknown) => Error): Readable {
  // Nobody may be reading yet, or any more. The stream keeps its error for a later reader.
  const body = new PassThrough().on('error', () => undefined);
  response.once('error', (error) => body.destroy(explain(error)));
  body.once('close', () => response.destroy());
  return response.pipe(body);
}

function watchForStall(
  request: http.ClientRequest,
  {
    stallTimeout,
    stallBytes,
    answerPatience,
  }: Pick<Required<TransportOptions>, 'stallTimeout' | 'stallBytes' | 'answerPatience'>,
): () => void {
  let socket: Socket | undefined;
  let answered = false;
  let before = 0;
  let patience = answerPatience;
  request.once('socket', (assigned) => {
    socket = assigned;
    before = assigned.bytesRead + assigned.bytesWritten;
  });
  request.once('response', () => (answered = true));
  const timer = setInterval(() => {
    const now = socket === undefined ? 0 : socket.bytesRead + socket.bytesWritten;
    const moved = now - before;
    before = now;
    const waitingForAnswer = request.writableFinished && !answered;
    if (moved >= stallBytes || (waitingForAnswer && --patience > 0)) return;
    request.destroy(new Error(`stalled, ${moved} bytes in ${stallTimeout / 1000} s`));
  }, stallTimeout).unref();
  return () => clearInterval(timer);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
