import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { AddressRefused, RegistryError } from './errors.ts';
import { narrower, reachOf, type Reach } from './reach.ts';
import { foldRegistry } from '../../core/reference.ts';
import { responseError } from './response-error.ts';
import { defaultRetryPolicy, HostGate, withRetries, type RetryPolicy } from './retry.ts';
import { speaksTls } from './tls-probe.ts';
import { readBody, type HttpRequest, type HttpResponse, type Transport } from './transport.ts';

export interface HostOptions {
  readonly transport: Transport;
  /** Speak plain HTTP though the host is not loopback. Default false. */
  readonly insecure?: boolean;
  /** Hosts, "HOST" or "HOST:PORT", that the registry may send us to whatever their address is. Default none. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Aborted to end what no caller's signal ends, see `shared`. Default: never. */
  readonly signal?: AbortSignal | undefined;
}

export interface HostRequest extends Omit<HttpRequest, 'reach'> {
  /** Sent to the host of `url` and to no other that it redirects to. */
  readonly authorization?: string | undefined;
}

/**
 * The API of a registry: requests with redirects and retries, but without credentials other than those given.
 */
export class Host {
  /** The registry's folded name, for example "docker.io". */
  readonly name: string;
  readonly #transport: Transport;
  readonly #options: HostOptions;
  readonly #retryPolicy: RetryPolicy;
  readonly #gate = new HostGate();
  #api: Promise<URL> | undefined;
  #challenge: Promise<string | undefined> | undefined;
  /** Which addresses the registry may send us to, as soon as its own is known. */
  #reach: Reach = 'public';

  constructor(name: string, options: HostOptions) {
    this.name = foldRegistry(name);
    this.#transport = options.transport;
    this.#options = options;
    this.#retryPolicy = options.retryPolicy ?? defaultRetryPolicy;
  }

  /** The root of the API, which ends in /v2/. */
  async api(): Promise<URL> {
    this.#api ??= this.#findApi();
    return this.#api;
  }

  /** Whether an answer came from the registry itself, and not from where it sent us. */
  async isOwn({ url }: Pick<HttpResponse, 'url'>): Promise<boolean> {
    return url.origin === (await this.api()).origin;
  }

  retry<T>(signal: AbortSignal, operation: (attempt: number) => Promise<T>): Promise<T> {
    return withRetries(operation, { policy: this.#retryPolicy, gate: this.#gate, signal });
  }

  /**
   * One attempt. Follows redirects, five at most: all of GET and HEAD, of other methods 307 and 308, which keep the body
   * (RFC 9110 section 15.4). Throws TransientError or RegistryError.
   */
  async send({ authorization, ...request }: HostRequest): Promise<HttpResponse> {
    const api = await this.api();
    const { origin } = request.url;
    let { url } = request;
    let authorized = authorization !== undefined;
    let reach: Reach = 'anywhere';
    for (let hops = 0; ; hops++) {
      // Credentials that were left out once stay left out, even if a redirect leads back.
      authorized &&= url.origin === origin;
      const headers = { ...request.headers, ...(authorized && authorization !== undefined && { authorization }) };
      const elsewhere = url.hostname !== api.hostname;
      if (elsewhere) reach = narrower(reach, this.#reach);
      const response = await this.#sendTo({
        ...request,
        url,
        headers,
        reach: this.#isAllowed(url) ? 'anywhere' : reach,
      });
      if (elsewhere) reach = narrower(reach, reachOf(response.address));
      else this.#reach = reachOf(response.address);
      const { location } = response.headers;
      if (location === undefined || !isRedirect(request.method, response.status)) return response;
      await readBody(response, 65_536).catch(() => undefined);
      if (hops === 5) throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} redirects in circles`);
      url = await this.follow(location, url);
    }
  }

  /** The URL of a Location or token realm. Refuses a change from https to http. Addresses are checked on connection. */
  async follow(location: string | URL, from?: URL): Promise<URL> {
    const api = await this.api();
    const base = from ?? api;
    const url = URL.canParse(location.toString(), base.href) ? new URL(location, base) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new RegistryError(
        'REGISTRY_PROTOCOL',
        `${this.name} sends us to something that is not an http or https URL`,
      );
    }
    if (url.protocol === 'http:' && api.protocol === 'https:') {
      throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} sends us from https to http at ${url.host}`);
    }
    return url;
  }

  /** The WWW-Authenticate of /v2/, requested once; undefined if the registry needs no login. */
  challenge(): Promise<string | undefined> {
    this.#challenge ??= this.#ping().catch((error: unknown) => {
      this.#challenge = undefined;
      throw error;
    });
    return this.#challenge;
  }

  /** For logging in: many callers wait for it together, so it does not depend on the signal of one of them. */
  async shared<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(120_000);
    const { signal: ending } = this.#options;
    const signal = ending === undefined ? deadline : AbortSignal.any([deadline, ending]);
    try {
      return await this.retry(signal, () => operation(signal));
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new RegistryError('REGISTRY_UNAVAILABLE', `${this.name} did not finish logging us in within 2 minutes`);
    }
  }

  async #ping(): Promise<string | undefined> {
    const api = await this.api();
    const { status, headers } = await this.shared(async (signal) => {
      const response = await this.#transport.send({ method: 'GET', url: api, signal });
      this.#reach = reachOf(response.address);
      if (response.status >= 500 || response.status === 429) throw await responseError(response, this.name, this.name);
      await readBody(response, 65_536).catch(() => undefined);
      return response;
    });
    return status === 401 ? headers['www-authenticate'] : undefined;
  }

  async #sendTo(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#transport.send(request);
    } catch (error) {
      if (!(error instanceof AddressRefused)) throw error;
      throw new RegistryError('REGISTRY_PROTOCOL', `${this.name} sends us to the private address of ${error.host}`, {
        cause: error,
        hint: `give --allow-redirect ${request.url.host} if that is a host of yours, where the registry keeps its data`,
      });
    }
  }

  #isAllowed({ host, hostname }: URL): boolean {
    return (this.#options.allowedHosts ?? []).some((allowed) => allowed === host || allowed === hostname);
  }

  /** On a loopback address both protocols are usual, so TLS is tried first; elsewhere plain HTTP must be asked for. */
  async #findApi(): Promise<URL> {
    const host = this.name === 'docker.io' ? 'registry-1.docker.io' : this.name;
    const secure = new URL(`https://${host}/v2/`);
    const plain = new URL(`http://${host}/v2/`);
    if (this.#options.insecure === true) return plain;
    if (!isLoopback(secure.hostname)) return secure;
    const answer = await speaksTls(secure, this.#options.signal);
    // Nothing listens there yet. The next attempt checks again.
    if (answer === undefined) this.#api = undefined;
    return answer === true ? secure : plain;
  }
}

function isRedirect(method: HttpRequest['method'], status: number): boolean {
  if (status === 307 || status === 308) return true;
  return (method === 'GET' || method === 'HEAD') && [301, 302, 303].includes(status);
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  const address = hostname.replaceAll(/[[\]]/g, '');
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback';
}
