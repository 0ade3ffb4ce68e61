import { pipeline, type Readable } from 'node:stream';

import { VerifiedStream, sha256, type Content } from './digest.ts';
import { RegistryError } from './errors.ts';
import type { RawManifest } from './manifest.ts';
import { manifestTypes } from './media-types.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import type { HttpResponse, RequestBody } from './transport.ts';
import { readBody } from './transport.ts';

/** Opens a fresh stream of a blob's bytes, as often as an upload is tried. */
export type BlobOpener = () => Readable | Promise<Readable>;

export type MountAnswer =
  | { readonly kind: 'mounted' }
  /** Not mounted; an upload session is open instead. */
  | { readonly kind: 'session'; readonly location: URL }
  | { readonly kind: 'refused' };

/**
 * One repository of a registry, with the token scopes that this piece of work needs: the distribution API
 * (github.com/opencontainers/distribution-spec, version 1.1), request by request.
 */
export class Repository {
  readonly registry: Registry;
  readonly name: string;
  readonly #scopes: readonly string[];
  readonly #signal: AbortSignal;

  constructor(registry: Registry, name: string, scopes: readonly string[], signal: AbortSignal) {
    this.registry = registry;
    this.name = name;
    this.#scopes = scopes;
    this.#signal = signal;
  }

  /** For messages, for example "quay.io/codait/max-object-detector". */
  get fullName(): string {
    return `${this.registry.name}/${this.name}`;
  }

  /** The same repository, with a token that allows another one to be read as well. */
  alsoReading(name: string): Repository {
    const scopes = [...new Set([...this.#scopes, ...pullScopes([name])])];
    const known = name === this.name || scopes.length === this.#scopes.length;
    return known ? this : new Repository(this.registry, this.name, scopes, this.#signal);
  }

  /** Runs an operation of several requests as often as the registry's retry policy has it. */
  retry<T>(operation: (attempt: number) => Promise<T>): Promise<T> {
    return this.registry.retry(this.#signal, operation);
  }

  /** @param name a tag or a digest; a digest is verified */
  async readManifest(name: string): Promise<RawManifest> {
    const what = describe(this, name);
    const request = {
      method: 'GET',
      path: `${this.name}/manifests/${name}`,
      headers: { accept: manifestTypes },
      what,
    } as const;
    const response = await this.registry.read(this.#request({ ...request, expect: [200] }), manifestLimit);
    const digest = sha256(response.bytes);
    const promised = name.startsWith('sha256:') ? name : response.headers['docker-content-digest'];
    if (typeof promised === 'string' && promised.startsWith('sha256:') && promised !== digest) {
      throw new RegistryError(
        'REGISTRY_DIGEST',
        `${what} should have digest ${promised}, but its bytes have ${digest}`,
      );
    }
    const contentType = (response.headers['content-type'] ?? '').replace(/;.*$/, '').trim();
    return { bytes: response.bytes, digest, size: response.bytes.length, contentType };
  }

  /**
   * The digest of a tag. Undefined if it does not exist, or if the registry does not say: some refuse requests for a
   * missing tag, and some do not support HEAD. Whether a push is allowed is known only when it is tried.
   */
  async manifestDigest(tag: string): Promise<string | undefined> {
    const response = await this.registry.send(
      this.#request({
        method: 'HEAD',
        path: `${this.name}/manifests/${tag}`,
        headers: { accept: manifestTypes },
        expect: [200, ...notToBeSeen],
        what: describe(this, tag),
      }),
    );
    await readBody(response, 0);
    const digest = response.headers['docker-content-digest'];
    return response.status === 200 && typeof digest === 'string' ? digest : undefined;
  }

  /** @param name the tag to set, or the digest. Throws if the registry has stored other bytes than those sent. */
  async writeManifest(name: string, mediaType: string, bytes: Uint8Array): Promise<void> {
    const what = describe(this, name);
    const response = await this.registry.read(
      this.#request({
        method: 'PUT',
        path: `${this.name}/manifests/${name}`,
        headers: { 'content-type': mediaType },
        body: bytes,
        expect: accepted,
        what,
      }),
      manifestLimit,
    );
    const stored = response.headers['docker-content-digest'];
    if (typeof stored === 'string' && stored.startsWith('sha256:') && stored !== sha256(bytes)) {
      throw new RegistryError(
        'REGISTRY_DIGEST',
        `${what} was stored with digest ${stored} instead of ${sha256(bytes)}`,
      );
    }
  }

  /** Whether the repository has the blob. False if the registry does not say. */
  async hasBlob(digest: string): Promise<boolean> {
    const request = { method: 'HEAD', path: `${this.name}/blobs/${digest}`, what: describe(this, digest) } as const;
    const response = await this.registry.send(this.#request({ ...request, expect: [200, ...notToBeSeen] }));
    await readBody(response, 0);
    return response.status === 200;
  }

  /** A whole small blob, verified. */
  async readBlob(content: Content): Promise<Buffer> {
    return this.retry(async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of (await this.openBlob(content)) as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
  }

  /** A blob as a stream that fails with TransientError or RegistryError REGISTRY_DIGEST. One attempt. */
  async openBlob(content: Content): Promise<Readable> {
    const what = describe(this, content.digest);
    const path = `${this.name}/blobs/${content.digest}`;
    const response = await this.registry.sendOnce(this.#request({ method: 'GET', path, expect: [200], what }));
    return pipeline(response.body, new VerifiedStream(content, what), () => undefined);
  }

  /**
   * Asks the registry to mount a blob of another of its repositories here. 202 means that it opened an upload instead;
   * some registries refuse with a 4xx.
   */
  async mountBlob(digest: string, from: string): Promise<MountAnswer> {
    const query = new URLSearchParams({ mount: digest, from });
    try {
      const response = await this.#startUpload(`?${query.toString()}`, [201, 202, 400, 401, 403, 404, 405]);
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
  async startUpload(): Promise<URL> {
    return this.#location(await this.#startUpload('', [202]));
  }

  /**
   * One attempt at filling an upload session: PUT of small blobs, which saves a round trip; PATCH and PUT of others, as
   * docker push does, since Docker Hub was seen to refuse large ones otherwise (atlanhq/application-sdk issue 2020).
   */
  async fillUpload(session: URL, content: Content, open: BlobOpener): Promise<void> {
    const body = { size: content.size, open };
    if (content.size <= smallBlob) return this.#commitUpload(session, content, body);
    const what = describe(this, content.digest);
    const patched = await this.registry.sendOnce(
      this.#request({
        method: 'PATCH',
        path: session,
        headers: { 'content-type': 'application/octet-stream' },
        body,
        expect: accepted,
        what,
      }),
    );
    await readBody(patched, manifestLimit);
    // Without a Location the session keeps its URL, as in Docker's client.
    const next = patched.headers.location === undefined ? session : await this.#location(patched);
    await this.#commitUpload(next, content, new Uint8Array());
  }

  async #commitUpload(session: URL, { digest }: Content, body: RequestBody): Promise<void> {
    const path = new URL(session);
    path.searchParams.set('digest', digest);
    const what = describe(this, digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const put = this.#request({ method: 'PUT', path, headers, body, expect: accepted, what });
    await readBody(await this.registry.sendOnce(put), manifestLimit);
  }

  /** Cancels an upload session. Errors are ignored. */
  async cancelUpload(session: URL): Promise<void> {
    const request = { method: 'DELETE', path: session, expect: [204], what: describe(this, 'upload') } as const;
    const signal = AbortSignal.timeout(5000);
    await this.registry
      .sendOnce({ ...this.#request(request), signal })
      .then((response) => readBody(response, manifestLimit))
      .catch(() => undefined);
  }

  async #startUpload(query: string, expect: readonly number[]): Promise<HttpResponse> {
    const path = `${this.name}/blobs/uploads/${query}`;
    return this.registry.read(this.#request({ method: 'POST', path, expect, what: this.fullName }), manifestLimit);
  }

  /** The Location of the last answer. It is never built here: it may be on another host and contain state. */
  async #location(response: HttpResponse): Promise<URL> {
    const { location } = response.headers;
    if (location !== undefined) return this.registry.follow(location, response.url);
    throw new RegistryError('REGISTRY_PROTOCOL', `${this.registry.name} opened an upload without saying where`);
  }

  #request(request: Omit<RegistryRequest, 'scopes' | 'signal'>): RegistryRequest {
    return { ...request, scopes: this.#scopes, signal: this.#signal };
  }
}

/** Statuses that mean success of a PUT or PATCH. 202 was specified for manifests in the past. */
const accepted = [200, 201, 202, 204];

/** Answers to HEAD that mean that something is missing or hidden. */
const notToBeSeen = [400, 401, 403, 404, 405, 501];

/** Configurations are smaller, layers mostly larger. */
const smallBlob = 64 * 1024;
/** distribution accepts no larger ones. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * Scopes to push to one repository and read others of the same registry: the push first, since some token servers look
 * at the first only, and each repository once, since Docker Hub stumbled over repeated ones (docker/hub-feedback 2215).
 */
export function pushScopes(target: string, sources: readonly string[]): string[] {
  return [`repository:${target}:pull,push`, ...pullScopes(sources.filter((name) => name !== target))];
}

export function pullScopes(sources: readonly string[]): string[] {
  return [...new Set(sources)].map((name) => `repository:${name}:pull`);
}

function describe(repository: Repository, name: string): string {
  return `${repository.fullName}${name.startsWith('sha256:') ? '@' : ':'}${name}`;
}
