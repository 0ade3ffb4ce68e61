import type { Readable } from 'node:stream';
import { describe } from './describe.ts';
import type { Content } from './digest.ts';
import { RegistryError } from './errors.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { type HttpResponse, readBody, type RequestBody } from './transport.ts';

/** Opens a fresh stream of a blob's bytes, as often as an upload is tried. */
export type BlobOpener = () => Readable | Promise<Readable>;

export type MountAnswer =
  | { readonly kind: 'mounted' }
  /** Not mounted; an upload session is open instead. */
  | { readonly kind: 'session'; readonly location: URL }
  | { readonly kind: 'refused' };

/** The repository into which blobs are brought. */
export interface UploadTarget {
  readonly registry: Registry;
  readonly name: string;
  /** For messages. */
  readonly fullName: string;
}

/** Brings blobs into one repository (distribution specification, "Pushing Blobs"). */
export class Uploads {
  readonly #target: UploadTarget;
  readonly #request: (request: Omit<RegistryRequest, 'scopes' | 'signal'>) => RegistryRequest;

  /** @param request adds the repository's scopes and signal to a request */
  constructor(target: UploadTarget, request: (request: Omit<RegistryRequest, 'scopes' | 'signal'>) => RegistryRequest) {
    this.#target = target;
    this.#request = request;
  }

  /**
   * Asks the registry to mount a blob of another of its repositories here. 202 means that it opened an upload instead;
   * some registries refuse with a 4xx.
   */
  async mount(digest: string, from: string): Promise<MountAnswer> {
    const query = new URLSearchParams({ mount: digest, from });
    try {
      const response = await this.#open(`?${query.toString()}`, [201, 202, 400, 401, 403, 404, 405]);
      if (response.status === 201) return { kind: 'mounted' };
      return response.status === 202
        ? { kind: 'session', location: await this.#location(response) }
        : { kind: 'refused' };
    } catch (error) {
      // Some token servers give no token at all if one of the repositories is not accessible.
      const { code } = error instanceof RegistryError ? error : {};
      if (code === 'REGISTRY_UNAUTHORIZED' || code === 'REGISTRY_DENIED') return { kind: 'refused' };
      throw error;
    }
  }

  /** Opens an upload session. */
  async start(): Promise<URL> {
    return this.#location(await this.#open('', [202]));
  }

  /**
   * One attempt at filling an upload session: PUT of small blobs, which saves a round trip; PATCH and PUT of others, as
   * docker push does, since Docker Hub was seen to refuse large ones otherwise (atlanhq/application-sdk issue 2020).
   */
  async fill(session: URL, content: Content, open: BlobOpener): Promise<void> {
    const body = { size: content.size, open };
    if (content.size <= smallBlob) return this.#commit(session, content, body);
    const what = describe(this.#target, content.digest);
    const patched = await this.#target.registry.sendOnce(
      this.#request({
        method: 'PATCH',
        path: session,
        headers: { 'content-type': 'application/octet-stream' },
        body,
        expect: accepted,
        what,
      }),
    );
    await readBody(patched, answerLimit);
    // Without a Location the session keeps its URL, as in Docker's client.
    const next = patched.headers.location === undefined ? session : await this.#location(patched);
    await this.#commit(next, content, new Uint8Array());
  }

  async #commit(session: URL, { digest }: Content, body: RequestBody): Promise<void> {
    const path = new URL(session);
    path.searchParams.set('digest', digest);
    const what = describe(this.#target, digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const put = this.#request({ method: 'PUT', path, headers, body, expect: accepted, what });
    await readBody(await this.#target.registry.sendOnce(put), answerLimit);
  }

  /** Cancels an upload session. Errors are ignored. */
  async cancel(session: URL): Promise<void> {
    const request = { method: 'DELETE', path: session, expect: [204], what: describe(this.#target, 'upload') } as const;
    const signal = AbortSignal.timeout(5000);
    await this.#target.registry
      .sendOnce({ ...this.#request(request), signal })
      .then((response) => readBody(response, answerLimit))
      .catch(() => undefined);
  }

  async #open(query: string, expect: readonly number[]): Promise<HttpResponse> {
    const path = `${this.#target.name}/blobs/uploads/${query}`;
    return this.#target.registry.read(
      this.#request({ method: 'POST', path, expect, what: this.#target.fullName }),
      answerLimit,
    );
  }

  /** The Location of the last answer. It is never built here: it may be on another host and contain state. */
  async #location(response: HttpResponse): Promise<URL> {
    const { location } = response.headers;
    if (location !== undefined) return this.#target.registry.follow(location, response.url);
    throw new RegistryError('REGISTRY_PROTOCOL', `${this.#target.registry.name} opened an upload without saying where`);
  }
}

/** Statuses that mean success of a PUT or PATCH. 202 was specified for manifests in the past. */
export const accepted = [200, 201, 202, 204];

/** Longest answer that is read, and longest manifest: distribution accepts no larger ones. In bytes. */
export const answerLimit = 4 * 1024 * 1024;

/** Configurations are smaller, layers mostly larger. */
const smallBlob = 64 * 1024;
