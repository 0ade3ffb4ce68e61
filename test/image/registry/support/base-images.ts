import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { packTar } from 'modern-tar';

import { docker, oci } from '../../../../image/registry/media-types.ts';

export interface BaseOptions {
  readonly family?: 'docker' | 'oci';
  /** Content of each layer's one file; a layer each. */
  readonly layers?: readonly (string | Uint8Array)[];
  readonly architecture?: string;
  /** Fields merged over the `config` part of the image's configuration. */
  readonly config?: object;
  /** Fields merged over the manifest. */
  readonly manifest?: object;
  readonly history?: boolean;
}

export interface PushedBase {
  readonly digest: string;
  readonly size: number;
  readonly manifest: { readonly layers: readonly { readonly digest: string; readonly size: number }[] };
}

/** Pushes a small image made by hand: the requests are fetch's and no code of ours has part in it. */
export async function pushBase(
  host: string,
  repository: string,
  tag: string,
  options: BaseOptions = {},
): Promise<PushedBase> {
  const { family = 'docker', layers = ['one', 'two', 'three'], architecture = 'amd64' } = options;
  const types = family === 'docker' ? docker : oci;
  const tars = await Promise.all(layers.map(async (content, index) => tarOf(`workspace/file${index}`, content)));
  const blobs = tars.map((tar) => gzipSync(tar));
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      created: '2020-01-02T03:04:05Z',
      config: { Cmd: ['/bin/sh', '-c', 'python app.py'], Env: ['PATH=/opt/conda/bin:/usr/bin'], ...options.config },
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
      ...(options.history !== false && { history: layers.map((_, index) => ({ created_by: `layer ${index}` })) }),
    }),
  );
  for (const blob of [...blobs, config]) await pushBlob(host, repository, blob);
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, size: config.length, digest: digestOf(config) },
    layers: blobs.map((blob) => ({ mediaType: types.layer, size: blob.length, digest: digestOf(blob) })),
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
