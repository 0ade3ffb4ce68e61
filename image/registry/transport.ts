import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';

import type { Environment } from '../../core/settings.ts';
import { AgentPool } from './agents.ts';
import { readCertificates, type Certificates } from './certificates.ts';
import { connectionError } from './connection-error.ts';
import { AddressRefused, RegistryError } from './errors.ts';
import { BodyFailure, exchange } from './exchange.ts';
import { proxyFor } from './proxy.ts';
import type { Reach } from './reach.ts';
import { type StallLimits, watchForStall } from './stall.ts';

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

export interface TransportOptions extends StallLimits {
  /**
   * Where to find HTTPS_PROXY, HTTP_PROXY and NO_PROXY, see proxyFor, and Docker's certificates, see readCertificates.
   * Default: no proxy.
   */
  readonly environment?: Environment;
  /** How host names become addresses. Default: as the operating system has it. */
  readonly lookup?: LookupFunction;
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

function bodyOf(response: http.IncomingMessage, explain: (cause: unknown) => Error): Readable {
  // Nobody may be reading yet, or any more. The stream keeps its error for a later reader.
  const body = new PassThrough().on('error', () => undefined);
  response.once('error', (error) => body.destroy(explain(error)));
  body.once('close', () => response.destroy());
  return response.pipe(body);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
