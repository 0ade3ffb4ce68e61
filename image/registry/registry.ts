import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { Authorizer } from './authorizer.ts';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import { problemOf } from './response-error.ts';
import { foldRegistry } from './reference.ts';
import { defaultRetryPolicy, HostGate, withRetries, type RetryPolicy } from './retry.ts';
import type { TokenFetch } from './token.ts';
import { readBody, type HttpRequest, type HttpResponse, type RequestBody, type Transport } from './transport.ts';

export interface RegistryOptions {
  readonly transport: Transport;
  /** Asked once, when the registry first wants to know who we are. */
  readonly credentials: () => Promise<Credentials | undefined>;
  /** Speak plain HTTP though the host is not loopback. Default false. */
  readonly insecure?: boolean;
  readonly retryPolicy?: RetryPolicy | undefined;
}

export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  /** Below /v2/, or a Location the registry gave. */
  readonly path: string | URL;
  /** What the token must allow. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Statuses that are answers; every other becomes an error. */
  readonly expect: readonly number[];
  /** For messages, for example "quay.io/codait/x:v1". */
  readonly what: string;
  readonly signal: AbortSignal;
}

/** One registry: where its API is, who we are there, and how patient we are with it. */
export class Registry {
  /** Folded name, for example "docker.io". */
  readonly name: string;
  readonly retryPolicy: RetryPolicy;
  readonly gate = new HostGate();
  readonly #api: URL;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;

  constructor(name: string, { transport, credentials, insecure = false, retryPolicy }: RegistryOptions) {
    this.name = foldRegistry(name);
    this.retryPolicy = retryPolicy ?? defaultRetryPolicy;
    const host = this.name === 'docker.io' ? 'registry-1.docker.io' : this.name;
    const plainHttp = insecure || isLoopback(host);
    this.#api = new URL(`${plainHttp ? 'http' : 'https'}://${host}/v2/`);
    this.#transport = transport;
    this.#authorizer = new Authorizer({
      registry: this.name,
      plainHttp,
      credentials,
      ping: () => this.#ping(),
      fetchToken: (request) => this.#fetchToken(request),
    });
  }

  /** Sends a request whose whole body can be sent again, as often as the retry policy has it. */
  send(request: RegistryRequest): Promise<HttpResponse> {
    return this.retry(request.signal, () => this.sendOnce(request));
  }

  /** Like `send`, and reads the answer; a connection broken while reading is tried again as well. */
  read(request: RegistryRequest, limit: number): Promise<HttpResponse & { readonly bytes: Buffer }> {
    return this.retry(request.signal, async () => {
      const response = await this.sendOnce(request);
      return { ...response, bytes: await readBody(response, limit) };
    });
  }

  retry<T>(signal: AbortSignal, operation: (attempt: number) => Promise<T>): Promise<T> {
    return withRetries(operation, { policy: this.retryPolicy, gate: this.gate, signal });
  }

  /** One attempt, except that a refused token is renewed once. Throws TransientError or RegistryError. */
  async sendOnce(request: RegistryRequest): Promise<HttpResponse> {
    const first = await this.#authorized(request);
    const response = first.response.status === 401 ? await this.#withFreshToken(request, first) : first.response;
    if (request.expect.includes(response.status)) return response;
    throw await problemOf(response, this.name, request.what);
  }

  async #withFreshToken(request: RegistryRequest, refused: Authorized): Promise<HttpResponse> {
    const { response, sent } = refused;
    await readBody(response, 65_536).catch(() => undefined);
    await this.#authorizer.refused(request.scopes, sent, response.headers['www-authenticate']);
    return (await this.#authorized(request)).response;
  }

  async #authorized({ method, path, scopes, headers, body, signal }: RegistryRequest): Promise<Authorized> {
    const sent = await this.#authorizer.header(scopes);
    let url = new URL(path, this.#api);
    for (let hops = 0; ; hops++) {
      const authorized = sent !== undefined && url.host === this.#api.host;
      const response = await this.#transport.send({
        method,
        url,
        headers: { ...headers, ...(authorized && { authorization: sent }) },
        signal,
        ...(body !== undefined && { body }),
      });
      const { location } = response.headers;
      const redirected = [301, 302, 303, 307, 308].includes(response.status) && location !== undefined;
      if (!redirected || !(method === 'GET' || method === 'HEAD')) return { response, sent };
      await readBody(response, 65_536).catch(() => undefined);
      if (hops === 5) throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} redirects in circles`);
      url = this.follow(location, url);
    }
  }

  /**
   * Where a Location or token realm leads. Refuses to leave https and to be sent to an address inside the caller's own
   * network that is not the registry's: a hostile registry could otherwise make us ask there.
   */
  follow(location: string | URL, from: URL = this.#api): URL {
    const url = URL.canParse(location.toString(), from.href) ? new URL(location, from) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} sends us to an address that is none`);
    }
    if (url.protocol === 'http:' && this.#api.protocol === 'https:') {
      throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} sends us from https to http at ${url.host}`);
    }
    if (url.hostname !== this.#api.hostname && isPrivateAddress(url.hostname)) {
      throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} sends us to the private address ${url.host}`);
    }
    return url;
  }

  async #ping(): Promise<string | undefined> {
    const { status, headers } = await this.#shared(async (signal) => {
      const response = await this.#transport.send({ method: 'GET', url: this.#api, signal });
      if (response.status >= 500 || response.status === 429) throw await problemOf(response, this.name, this.name);
      await readBody(response, 65_536).catch(() => undefined);
      return response;
    });
    return status === 401 ? headers['www-authenticate'] : undefined;
  }

  #fetchToken(request: Parameters<TokenFetch>[0]): ReturnType<TokenFetch> {
    const url = this.follow(request.url);
    return this.#shared(async (signal) => {
      const response = await this.#transport.send({ ...request, url, signal });
      const { status } = response;
      if (status === 401 || status === 403)
        throw this.#loginRefused(status, request.headers['authorization'] !== undefined);
      if (status !== 200 && !(request.method === 'POST' && status === 404)) {
        throw await problemOf(response, this.name, `the token server of ${this.name}`);
      }
      return { status, body: await readBody(response, 65_536) };
    });
  }

  #loginRefused(status: number, loggedIn: boolean): RegistryError {
    return loggedIn
      ? new RegistryError('REGISTRY_UNAUTHORIZED', `${this.name} refuses the log-in that is stored for it`, {
          status,
          hint: `log in again (docker login ${this.name}), or correct REGISTRY_USERNAME and REGISTRY_PASSWORD`,
        })
      : new RegistryError('REGISTRY_UNAUTHORIZED', `${this.name} wants to know who you are`, {
          status,
          hint: `log in first: docker login ${this.name}`,
        });
  }

  /** For what many callers wait for together, and which therefore hangs on no caller's signal. */
  async #shared<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(120_000);
    try {
      return await this.retry(signal, () => operation(signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new RegistryError('REGISTRY_UNAVAILABLE', `${this.name} did not finish logging us in within 2 minutes`);
    }
  }
}

interface Authorized {
  readonly response: HttpResponse;
  /** The Authorization header that was sent. */
  readonly sent: string | undefined;
}

function isLoopback(host: string): boolean {
  const { hostname } = new URL(`http://${host}`);
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  const address = hostname.replaceAll(/[[\]]/g, '');
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback';
}

function isPrivateAddress(hostname: string): boolean {
  const address = hostname.replaceAll(/[[\]]/g, '');
  return isIP(address) !== 0 && ipaddr.process(address).range() !== 'unicast';
}
