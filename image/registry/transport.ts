import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';

import { messageOf } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import { RegistryError, TransientError } from './errors.ts';
import { proxyFor } from './proxy.ts';

/** A body that can be sent more than once: bytes, or something that opens a fresh stream for each attempt. */
export type RequestBody = Uint8Array | { readonly size: number; readonly open: () => Readable | Promise<Readable> };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly url: URL;
  /** Must be read to its end or destroyed; fails with TransientError when the connection breaks or stalls. */
  readonly body: Readable;
}

export interface TransportOptions {
  /** Where to find HTTPS_PROXY, HTTP_PROXY and NO_PROXY; see proxyFor. Default: no proxy. */
  readonly environment?: Environment;
  /** A connection that moves fewer than `stallBytes` in this many milliseconds is broken off. Default 60 000. */
  readonly stallTimeout?: number;
  /** Default 65 536, about 1 KB per second: tells a crawling connection from a slow one. */
  readonly stallBytes?: number;
  /** How many `stallTimeout`s a server may think before it answers; committing a large blob takes long. Default 5. */
  readonly answerPatience?: number;
}

/**
 * Sends one request over kept-alive connections, without following redirects and without retrying.
 *
 * node:http and not fetch, because undici's fetch keeps streamed request bodies in memory (nodejs/undici issue 4058).
 * Connection failures reject with TransientError, an aborted signal with its reason, a failing body with its own error.
 */
export class Transport {
  readonly #agents = new Map<string, Promise<http.Agent>>();
  readonly #options: Required<TransportOptions>;

  constructor(options: TransportOptions = {}) {
    this.#options = { environment: {}, stallTimeout: 60_000, stallBytes: 65_536, answerPatience: 5, ...options };
  }

  async send({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    signal.throwIfAborted();
    const proxy = proxyFor(url, this.#options.environment);
    const agent = await this.#agentFor(url, proxy);
    const source = body !== undefined && 'open' in body ? await body.open() : body;
    const size = body === undefined ? undefined : 'open' in body ? body.size : body.byteLength;
    const options = {
      method,
      signal,
      agent,
      headers: { 'user-agent': 'modelwhisk', ...headers, ...(size !== undefined && { 'content-length': size }) },
    };
    const request = (url.protocol === 'https:' ? https : http).request(url, options);
    const stopWatching = watchForStall(request, this.#options);
    const explain = (cause: unknown): Error =>
      signal.aborted ? asError(signal.reason) : connectionFailed(url, proxy, cause);
    try {
      const response = await exchange(request, source);
      response.once('close', stopWatching);
      return { status: response.statusCode ?? 0, headers: response.headers, url, body: bodyOf(response, explain) };
    } catch (error) {
      stopWatching();
      request.destroy();
      throw error instanceof BodyFailure ? error.cause : explain(error);
    }
  }

  /** Closes the idle connections. */
  close(): void {
    for (const agent of this.#agents.values()) void agent.then((opened) => opened.destroy());
  }

  async #agentFor({ protocol }: URL, proxy: URL | undefined): Promise<http.Agent> {
    const key = `${protocol} ${proxy?.href}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const made = proxy === undefined ? direct(protocol) : proxied(protocol, proxy);
    this.#agents.set(key, made);
    return made;
  }
}

async function direct(protocol: string): Promise<http.Agent> {
  return protocol === 'https:' ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
}

/** A tunnel to what is encrypted, whole requests for what is not; loaded only where there is a proxy. */
async function proxied(protocol: string, proxy: URL): Promise<http.Agent> {
  if (protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(proxy, agentOptions);
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy, agentOptions);
}

const agentOptions = { keepAlive: true };

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

/** The request body's own stream failed: the error belongs to where the bytes come from, not to this connection. */
class BodyFailure extends Error {}

function exchange(request: http.ClientRequest, body: Uint8Array | Readable | undefined): Promise<http.IncomingMessage> {
  const source = body instanceof Readable ? body : undefined;
  let sent = false;
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('finish', () => (sent = true));
    request.once('error', reject);
    request.once('close', () => reject(new Error('connection closed without an answer')));
    request.once('response', (response) => {
      // A server that answers before it has read everything has refused; the rest is not worth sending.
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
  const body = new PassThrough();
  response.once('error', (error) => body.destroy(explain(error)));
  body.once('close', () => response.destroy());
  return response.pipe(body);
}

function watchForStall(
  request: http.ClientRequest,
  { stallTimeout, stallBytes, answerPatience }: Required<TransportOptions>,
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

function connectionFailed(url: URL, proxy: URL | undefined, cause: unknown): TransientError | RegistryError {
  // What OpenSSL makes of an answer that is no TLS.
  if (url.protocol === 'https:' && messageOf(cause).includes('wrong version number')) {
    return new RegistryError('REGISTRY_PROTOCOL', `${url.host} does not speak HTTPS`, {
      cause,
      hint: `give --insecure ${url.host} if plain HTTP is what it is meant to speak`,
    });
  }
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(cause);
  const route = proxy === undefined ? url.host : `${url.host} through the proxy ${proxy.host}`;
  return new TransientError(`connection to ${route} failed (${reason})`, { cause });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
