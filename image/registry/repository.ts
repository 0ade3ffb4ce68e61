import { pipeline, type Readable } from 'node:stream';
import { describe } from './describe.ts';
import { VerifiedStream, sha256, type Content } from './digest.ts';
import { RegistryError } from './errors.ts';
import type { RawManifest } from './manifest.ts';
import { manifestTypes } from './media-types.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { pullScopes } from './scopes.ts';
import { readBody } from './transport.ts';
import { accepted, answerLimit, Uploads } from './uploads.ts';

/**
 * One repository of a registry, with the token scopes that this piece of work needs: the distribution API
 * (github.com/opencontainers/distribution-spec, version 1.1), request by request.
 */
export class Repository {
  readonly registry: Registry;
  readonly name: string;
  readonly uploads: Uploads;
  readonly #scopes: readonly string[];
  readonly #signal: AbortSignal;

  constructor(registry: Registry, name: string, scopes: readonly string[], signal: AbortSignal) {
    this.registry = registry;
    this.name = name;
    this.#scopes = scopes;
    this.#signal = signal;
    this.uploads = new Uploads(this, (request) => this.#request(request));
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
    const response = await this.registry.read(this.#request({ ...request, expect: [200] }), answerLimit);
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
      answerLimit,
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

  #request(request: Omit<RegistryRequest, 'scopes' | 'signal'>): RegistryRequest {
    return { ...request, scopes: this.#scopes, signal: this.#signal };
  }
}

/** Answers to HEAD that mean that something is missing or hidden. */
const notToBeSeen = [400, 401, 403, 404, 405, 501];
