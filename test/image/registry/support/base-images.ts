import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { packTar, type TarEntry } from 'modern-tar';

import { docker, oci } from '../../../../image/registry/media-types.ts';

export interface BaseOptions {
  readonly family?: 'docker' | 'oci';
  /** The content of the only file of each layer. */
  readonly layers?: readonly (string | Uint8Array)[];
  /** Whole layers, instead of `layers`. */
  readonly tars?: readonly Uint8Array<ArrayBuffer>[];
  readonly architecture?: string;
  /** Level of gzip; default that of zlib. */
  readonly compression?: number;
  /** Keys of the image's configuration. */
  readonly config?: object;
  /** Fields merged over the manifest. */
  readonly manifest?: object;
  readonly history?: boolean;
  readonly os?: string;
  /** Media type of the configuration, for artifacts that are not images. */
  readonly configType?: string;
  /** Whether the manifest has the last layer twice. */
  readonly duplicate?: boolean;
  /** A layer in the manifest that the registry does not have. */
  readonly foreign?: PushedBase['manifest']['layers'][number] & { readonly urls: readonly string[] };
  /** Whether the configuration has a layer more than the manifest. */
  readonly extraDiffId?: boolean;
  /** The size of each layer in the manifest, instead of the real one. */
  readonly statedSize?: number;
}

export interface PushedBase {
  readonly digest: string;
  readonly size: number;
  readonly manifest: {
    readonly layers: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[];
  };
}

/** Pushes a small image with plain fetch requests, without code of this project. */
export async function pushBase(
  host: string,
  repository: string,
  tag: string,
  options: BaseOptions = {},
): Promise<PushedBase> {
  const { family = 'docker', layers = ['one', 'two', 'three'], architecture = 'amd64' } = options;
  const types = family === 'docker' ? docker : oci;
  const tars =
    options.tars ?? (await Promise.all(layers.map(async (content, index) => tarOf(`workspace/file${index}`, content))));
  const blobs = tars.map((tar) => gzipSync(tar, { level: options.compression }));
  const descriptors = blobs.map((blob) => ({
    mediaType: types.layer,
    size: options.statedSize ?? blob.length,
    digest: digestOf(blob),
  }));
  const repeated = options.duplicate === true ? -1 : tars.length;
  const foreign = options.foreign === undefined ? [] : [options.foreign];
  const diffIds = [...tars, ...tars.slice(repeated)].map(digestOf);
  const unknown = [...foreign, ...(options.extraDiffId === true ? [1] : [])].map(() => digestOf(Buffer.from('?')));
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: options.os ?? 'linux',
      created: '2020-01-02T03:04:05Z',
      config: {
        Cmd: ['/bin/sh', '-c', 'python app.py'],
        Env: ['PATH=/opt/conda/bin:/usr/bin'],
        ...options.config,
      },
      rootfs: { type: 'layers', diff_ids: [...diffIds, ...unknown] },
      ...(options.history !== false && { history: tars.map((_, index) => ({ created_by: `layer ${index}` })) }),
    }),
  );
  for (const blob of [...blobs, config]) await pushBlob(host, repository, blob);
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: options.configType ?? types.config, size: config.length, digest: digestOf(config) },
    layers: [...descriptors, ...descriptors.slice(repeated), ...foreign],
    ...options.manifest,
  };
  return { ...(await pushManifest(host, repository, tag, types.manifest, manifest)), manifest };
}

export async function pushManifest(
  host: string,
  repository: string,
  name: string,
  mediaType: string,
  manifest: object,
): Promise<{ digest: string; size: number }> {
  const body = Buffer.from(JSON.stringify(manifest));
  const url = `http://${host}/v2/${repository}/manifests/${name}`;
  await expectStatus(201, fetch(url, { method: 'PUT', body, headers: { 'content-type': mediaType } }));
  return { digest: digestOf(body), size: body.length };
}

export async function pushBlob(
  host: string,
  repository: string,
  blob: Uint8Array<ArrayBuffer> | Buffer<ArrayBuffer>,
): Promise<string> {
  const start = await expectStatus(202, fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' }));
  const url = new URL(start.headers.get('location') ?? '');
  url.searchParams.set('digest', digestOf(blob));
  await expectStatus(201, fetch(url, { method: 'PUT', body: blob }));
  return digestOf(blob);
}

export async function tarOf(name: string, content: string | Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  return packTar([{ header: { name, size: body.length, mtime: new Date(0) }, body }]);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function expectStatus(status: number, answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response;
}

/** Pushes an image that stands for a Node image: the same paths, with texts instead of programs. */
export async function pushNodeImage(
  host: string,
  repository: string,
  tag: string,
  program: string | Uint8Array = 'node',
): Promise<PushedBase> {
  const library = (name: string): TarEntry => file(`usr/lib/x86_64-linux-gnu/${name}`, `library ${name}`);
  const libraries = ['ld-linux-x86-64.so.2', 'libc.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libstdc++.so.6.0.30'];
  const system = await packTar([
    ...libraries.map(library),
    {
      header: {
        name: 'usr/lib/x86_64-linux-gnu/libstdc++.so.6',
        size: 0,
        type: 'symlink',
        linkname: 'libstdc++.so.6.0.30',
      },
    },
    file('usr/local/bin/node', 'an older node'),
  ]);
  const node = await packTar([file('usr/local/bin/node', program), file('usr/local/LICENSE', 'licence')]);
  return pushBase(host, repository, tag, { family: 'oci', tars: [system, node] });
}

function file(name: string, content: string | Uint8Array): TarEntry {
  return { header: { name, size: content.length, mode: 0o755 }, body: content };
}
