import type { Authorizer } from './authorizer.ts';
import { RegistryError } from './errors.ts';
import type { Host } from './host.ts';
import { responseError } from './response-error.ts';
import { readBody, type HttpRequest, type HttpResponse, type RequestBody } from './transport.ts';

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

/** One registry with our credentials: adds Authorization to requests, and turns unexpected answers into errors. */
export class Registry {
  readonly #host: Host;
  readonly #authorizer: Authorizer;

  constructor(host: Host, authorizer: Authorizer) {
    this.#host = host;
    this.#authorizer = authorizer;
  }

  /** Folded name, for example "docker.io". */
  get name(): string {
    return this.#host.name;
  }

  /** Announces scopes that requests will need, so that one token can be requested for all of them. */
  announce(scopes: readonly string[]): void {
    this.#authorizer.announce(scopes);
  }

  /** Whether one token can open both repositories. */
  async sameCredentials(one: string, other: string): Promise<boolean> {
    return this.#authorizer.sameCredentials(one, other);
  }

  /** The URL of a Location header. */
  async follow(location: string, from: URL): Promise<URL> {
    return this.#host.follow(location, from);
  }

  /** Sends a request whose whole body can be sent again, as often as the retry policy has it. */
  async send(request: RegistryRequest): Promise<HttpResponse> {
    return this.retry(request.signal, async () => this.sendOnce(request));
  }

  /** Like `send`, but also reads the answer, and tries again if the connection breaks meanwhile. */
  async read(request: RegistryRequest, limit: number): Promise<HttpResponse & { readonly bytes: Buffer }> {
    return this.retry(request.signal, async () => {
      const response = await this.sendOnce(request);
      return { ...response, bytes: await readBody(response, limit) };
    });
  }

  async retry<T>(signal: AbortSignal, operation: (attempt: number) => Promise<T>): Promise<T> {
    return this.#host.retry(signal, operation);
  }

  /** One attempt, except that a refused token is renewed once. Throws TransientError or RegistryError. */
  async sendOnce(request: RegistryRequest): Promise<HttpResponse> {
    const first = await this.#authorized(request);
    const isOwn = await this.#host.isOwn(first.response);
    // Only a challenge of the registry itself counts: a host that it redirects to could ask for our credentials.
    const refused = isOwn && (first.response.status === 401 || isTooLong(request, first));
    const response = refused ? await this.#withFreshToken(request, first) : first.response;
    if (request.expect.includes(response.status)) return response;
    if (!isOwn && [401, 403].includes(response.status)) throw await this.#refusedElsewhere(response, request.what);
    throw await responseError(response, this.name, request.what, await this.#authorizer.login(request.scopes));
  }

  async #withFreshToken(request: RegistryRequest, { response, sent }: Authorized): Promise<HttpResponse> {
    await readBody(response, 65_536).catch(() => undefined);
    await this.#authorizer.refused(request.scopes, sent, response.headers['www-authenticate']);
    return (await this.#authorized(request)).response;
  }

  async #authorized({ method, path, scopes, headers, body, signal }: RegistryRequest): Promise<Authorized> {
    const sent = await this.#authorizer.header(scopes);
    const url = new URL(path, await this.#host.api());
    const authorization = (await this.#host.isOwn({ url })) ? sent : undefined;
    const request = { method, url, headers: headers ?? {}, authorization, signal };
    return { response: await this.#host.send(body === undefined ? request : { ...request, body }), sent };
  }

  async #refusedElsewhere(response: HttpResponse, what: string): Promise<RegistryError> {
    const { status, url } = response;
    await readBody(response, 65_536).catch(() => undefined);
    return new RegistryError(
      'REGISTRY_DENIED',
      `${what}: ${url.host}, where ${this.name} sends us, answers ${status}`,
      {
        status,
        hint: 'credentials go to the registry alone, never to where it sends us; tell whoever runs it',
      },
    );
  }
}

interface Authorized {
  readonly response: HttpResponse;
  /** The Authorization header for the registry. */
  readonly sent: string | undefined;
}

/** Some web servers refuse a header of more than 8 KB, such as a token for many repositories, with these statuses. */
function isTooLong({ method }: RegistryRequest, { response: { status }, sent = '' }: Authorized): boolean {
  const bodiless = method === 'GET' || method === 'HEAD';
  return sent.length > 4096 && (status === 431 || (status === 400 && bodiless));
}
