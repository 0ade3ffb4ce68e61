import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

import { digestOf } from './base-images.ts';

export interface FakeRegistry {
  /** "127.0.0.1:PORT" */
  readonly host: string;
  /** The number of connections so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export interface FakeRegistryOptions {
  /** Speak TLS with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/**
 * Stands for the CNCF's registry, which the slow tests use: the requests of the distribution specification 1.1 for a
 * push and a pull, in memory, so that protocol faults can be tested with only Node.js.
 */
export async function startFakeRegistry({ tls }: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const contents = new Contents();
  const handle: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const scheme = tls === undefined ? 'http' : 'https';
      const url = new URL(request.url ?? '', `${scheme}://${request.headers.host}`);
      const type = request.headers['content-type'] ?? '';
      const answer = contents.answer(request.method ?? '', url, Buffer.concat(chunks), type);
      const length = { 'content-length': String(answer.body?.length ?? 0) };
      response.writeHead(answer.status, { ...length, ...answer.headers });
      response.end(request.method === 'HEAD' ? undefined : answer.body);
    });
  };
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    connections: () => connections,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Contents {
  readonly #blobs = new Map<string, Buffer>();
  readonly #manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  readonly #uploads = new Map<string, Buffer>();

  answer(method: string, url: URL, body: Buffer, type: string): Answer {
    if (url.pathname === '/v2/') return { status: 200 };
    const [, repository = '', kind, name = ''] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/.exec(url.pathname) ?? [];
    switch (kind) {
      case 'manifests':
        return method === 'PUT'
          ? this.#putManifest(repository, name, type, body)
          : this.#getManifest(`${repository}@${name}`);
      case 'blobs':
        return this.#getBlob(`${repository}@${name}`, name);
      case 'blobs/uploads':
        return this.#upload(method, repository, name, url, body);
      case undefined:
      default:
        return { status: 404 };
    }
  }

  #getManifest(key: string): Answer {
    const found = this.#manifests.get(key);
    if (found === undefined) return { status: 404 };
    const { type, bytes } = found;
    const headers = {
      'content-type': type,
      'docker-content-digest': digestOf(bytes),
      'content-length': String(bytes.length),
    };
    return { status: 200, headers, body: bytes };
  }

  #putManifest(repository: string, name: string, type: string, bytes: Buffer): Answer {
    const { config, layers = [] } = JSON.parse(bytes.toString()) as {
      readonly config?: { readonly digest: string };
      readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
    };
    const named = [...(config === undefined ? [] : [config]), ...layers.filter(({ urls }) => urls === undefined)];
    const missing = named.filter(({ digest }) => !this.#blobs.has(`${repository}@${digest}`));
    if (missing.length > 0) {
      const errors = missing.map((detail) => ({ code: 'MANIFEST_BLOB_UNKNOWN', detail }));
      return { status: 400, body: Buffer.from(JSON.stringify({ errors })) };
    }
    const digest = digestOf(bytes);
    for (const key of [name, digest]) this.#manifests.set(`${repository}@${key}`, { type, bytes });
    return { status: 201, headers: { 'docker-content-digest': digest } };
  }

  #getBlob(key: string, digest: string): Answer {
    const bytes = this.#blobs.get(key);
    if (bytes === undefined) return { status: 404 };
    const headers = { 'docker-content-digest': digest, 'content-length': String(bytes.length) };
    return { status: 200, headers, body: bytes };
  }

  #upload(method: string, repository: string, id: string, url: URL, body: Buffer): Answer {
    const mounted = this.#blobs.get(`${url.searchParams.get('from')}@${url.searchParams.get('mount')}`);
    if (method === 'POST' && mounted !== undefined) {
      this.#blobs.set(`${repository}@${url.searchParams.get('mount')}`, mounted);
      return { status: 201 };
    }
    if (method === 'DELETE') return { status: this.#uploads.delete(id) ? 204 : 404 };
    const session = method === 'POST' ? randomUUID() : id;
    const bytes = Buffer.concat([this.#uploads.get(session) ?? Buffer.alloc(0), body]);
    this.#uploads.set(session, bytes);
    const location = new URL(`/v2/${repository}/blobs/uploads/${session}`, url).href;
    if (method !== 'PUT') return { status: 202, headers: { location } };
    const digest = url.searchParams.get('digest') ?? '';
    if (digest !== digestOf(bytes)) return { status: 400, body: Buffer.from('{"errors":[{"code":"DIGEST_INVALID"}]}') };
    this.#blobs.set(`${repository}@${digest}`, bytes);
    this.#uploads.delete(session);
    return { status: 201 };
  }
}
