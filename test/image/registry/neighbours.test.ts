import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { oci } from '../../../image/registry/media-types.ts';
import { requestFor, testEngine } from './support/adapter.ts';
import { type BaseOptions, digestOf, pushBase, pushBlob, pushManifest, tarOf } from './support/base-images.ts';
import { startFakeRegistry } from './support/fake-registry.ts';
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from './support/fault-proxy.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
});

type Decide = (request: SeenRequest) => Fault | undefined;

const isBlob = ({ method, url }: SeenRequest): boolean => method === 'GET' && url.includes('/blobs/');
const isManifest = ({ method, url }: SeenRequest): boolean => method === 'GET' && url.includes('/base/x/manifests/');

describe('an image is made all the same where a registry', () => {
  test.each<[what: string, decide: Decide]>([
    ['sends blobs in chunks, without their length', changing(isBlob, { 'content-length': undefined })],
    ['sends manifests without digest and length', changing(isManifest, { ...noDigest, 'content-length': undefined })],
    ['answers HEAD without a digest', changing(({ method }) => method === 'HEAD', noDigest)],
    ['names no place after PATCH', changing(({ method }) => method === 'PATCH', { location: undefined })],
    ['answers 200 to what it has taken', ({ method }) => (method === 'PUT' ? status(200) : undefined)],
    ['answers 202 to what it has taken', ({ method }) => (method === 'PUT' ? status(202) : undefined)],
    ['answers 200 to PATCH', ({ method }) => (method === 'PATCH' ? status(200) : undefined)],
    [
      'names a relative place for uploads',
      ({ method, url }) => {
        const place = `/v2/me/x/blobs/uploads/${url.match(/uploads\/([\w-]+)/)?.[1] ?? ''}`;
        return method === 'PATCH' ? { kind: 'change-response', headers: { location: place } } : undefined;
      },
    ],
    [
      'opens an upload where it was asked for a mount',
      ({ method, url, headers }) =>
        method === 'POST' && url.includes('mount=')
          ? { kind: 'answer', status: 307, headers: { location: `http://${headers.host}/v2/me/x/blobs/uploads/` } }
          : undefined,
    ],
  ])('%s', async (_what, decide) => {
    const registry = await start(decide);
    const { digest } = await build(registry.host);
    const pushed = await fetch(`http://${registry.host}/v2/me/x/manifests/v1`);
    expect(digestOf(Buffer.from(await pushed.arrayBuffer()))).toBe(digest);
  });

  test.each([307, 308])('moves uploads and manifests elsewhere by %i, and credentials stay behind', async (moved) => {
    const elsewhere: FaultProxy = await start();
    const registry = await start(
      ({ method, url, headers }) =>
        headers.authorization === undefined
          ? { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
          : ['POST', 'PATCH', 'PUT'].includes(method)
            ? { kind: 'answer', status: moved, headers: { location: `http://${elsewhere.host}${url}` } }
            : undefined,
      elsewhere.host,
    );
    const environment = { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 'secret' };
    await (
      await testEngine({ environment })
    ).build(requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/x:v1`));
    expect((await fetch(`http://${elsewhere.host}/v2/me/x/manifests/v1`)).status).toBe(200);
    // Reads come through the registry, which is a proxy to the same contents.
    const sent = elsewhere.seen.filter(({ method }) => ['POST', 'PATCH', 'PUT'].includes(method));
    expect(sent.length).toBeGreaterThan(3);
    expect(sent.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  test.each(['POST', 'GET'])('asks to wait by a date, in answer to %s', async (wanted) => {
    let asked = 0;
    const registry = await start(({ method, url }) =>
      method === wanted && url !== '/v2/' && asked++ === 0
        ? { kind: 'answer', status: 429, headers: { 'retry-after': new Date(Date.now() + 1000).toUTCString() } }
        : undefined,
    );
    expect((await build(registry.host)).digest).toMatch(/^sha256:/);
    expect(asked).toBeGreaterThan(1);
  });
});

describe('it is told at once, in words, that a registry', () => {
  test.each<[what: string, decide: Decide, code: string, message: RegExp]>([
    ['redirects manifests in circles', circles(isManifest), 'REGISTRY_PROTOCOL', /redirects in circles/],
    ['redirects blobs in circles', circles(isBlob), 'REGISTRY_PROTOCOL', /redirects in circles/],
    ['redirects HEAD in circles', circles(({ method }) => method === 'HEAD'), 'REGISTRY_PROTOCOL', /in circles/],
    ['redirects uploads in circles', circles(({ method }) => method === 'PATCH'), 'REGISTRY_PROTOCOL', /in circles/],
    [
      'asks to wait until a date that is hours away',
      ({ url }) =>
        url === '/v2/'
          ? undefined
          : { kind: 'answer', status: 429, headers: { 'retry-after': new Date(Date.now() + 7.3e6).toUTCString() } },
      'REGISTRY_RATE_LIMIT',
      /asks to wait 2 hours/,
    ],
    [
      'opens an upload without saying where',
      changing(({ method }) => method === 'POST', { location: undefined }),
      'REGISTRY_PROTOCOL',
      /opened an upload without saying where/,
    ],
    [
      'sends a page instead of a manifest',
      (request) =>
        isManifest(request)
          ? { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>log in' }
          : undefined,
      'REGISTRY_UNSUPPORTED',
      /is not a container image: its manifest is not JSON but text\/html$/,
    ],
    [
      'sends a manifest of schema 1',
      (request) =>
        isManifest(request)
          ? {
              kind: 'answer',
              status: 200,
              headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
              body: '{"schemaVersion":1,"name":"base/x","tag":"v1","fsLayers":[],"history":[],"signatures":[]}',
            }
          : undefined,
      'REGISTRY_UNSUPPORTED',
      /schema 1/,
    ],
  ])('%s', async (_what, decide, code, message) => {
    const registry = await start(decide);
    await expect(build(registry.host)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/./) as string,
    });
    expect(registry.seen.length).toBeLessThan(40);
  });
});

describe('odd layers', () => {
  const foreign = {
    mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    digest: digestOf(Buffer.from('elsewhere')),
    size: 9,
    urls: ['https://example.com/layer'],
  };

  test('that are empty, and one that is there twice, are pushed and saved', async () => {
    const registry = await start(undefined, undefined, { layers: ['one', '', ''], duplicate: true });
    await build(registry.host);
    for (const kind of ['oci', 'docker-archive'] as const) await expectSaved(registry.host, kind);
  });

  test('of zstd:chunked, whose table of contents is in frames of its own, are saved', async () => {
    const registry = await start();
    const tar = await tarOf('workspace/chunked', 'chunked');
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    };
    const [layer, described] = [Buffer.from(zstdChunked(tar)), Buffer.from(JSON.stringify(config))];
    for (const blob of [layer, described]) await pushBlob(registry.host, 'base/x', blob);
    const annotations = { 'io.github.containers.zstd-chunked.manifest-checksum': 'sha256:x' };
    await pushManifest(registry.host, 'base/x', 'v1', oci.manifest, {
      schemaVersion: 2,
      mediaType: oci.manifest,
      config: { mediaType: oci.config, digest: digestOf(described), size: described.length },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
          digest: digestOf(layer),
          size: layer.length,
          annotations,
        },
      ],
    });
    await build(registry.host);
    await expectSaved(registry.host, 'docker-archive');
  });

  test('that may not be distributed are left out of a layout, and an archive without them is not written', async () => {
    const registry = await start(undefined, undefined, { layers: ['one'], family: 'oci', foreign });
    await expectSaved(registry.host, 'oci');
    await expect(expectSaved(registry.host, 'docker-archive')).rejects.toMatchObject({
      code: 'OUTPUT',
      message: 'the base has layers that may not be distributed (1)',
    });
  });

  test('that unpack to something else than their image says are not written to an archive', async () => {
    const registry = await start(undefined, undefined, { layers: ['one'] });
    const manifest = (await (await fetch(`http://${registry.host}/v2/base/x/manifests/v1`)).json()) as {
      layers: object[];
    };
    const other = gzipSync(await tarOf('evil', 'evil'));
    await pushBlob(registry.host, 'base/x', other);
    const layers = [{ ...manifest.layers[0], digest: digestOf(other), size: other.length }];
    await pushManifest(registry.host, 'base/x', 'v1', oci.manifest, { ...manifest, layers });
    await expect(expectSaved(registry.host, 'docker-archive')).rejects.toMatchObject({
      code: 'OUTPUT',
      message: expect.stringMatching(
        /^layer sha256:\w+ is sha256:\w+ when unpacked, which its image denies$/,
      ) as string,
    });
  });

  async function expectSaved(host: string, kind: 'oci' | 'docker-archive'): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-odd-'));
    closers.push(async () => rm(folder, { recursive: true }));
    const output = { kind, path: join(folder, 'made') };
    const request = requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`, { push: false, output });
    await (await testEngine()).build(request);
    expect(await readdir(folder)).toEqual(['made']);
  }
});

const noDigest = { 'docker-content-digest': undefined };

function changing(isMeant: (request: SeenRequest) => boolean, headers: Record<string, string | undefined>): Decide {
  return (request) => (isMeant(request) ? { kind: 'change-response', headers } : undefined);
}

function status(code: number): Fault {
  return { kind: 'change-response', status: code };
}

function circles(isMeant: (request: SeenRequest) => boolean): Decide {
  return (request) => {
    const location = `http://${request.headers.host}${request.url}`;
    return isMeant(request) ? { kind: 'answer', status: 307, headers: { location } } : undefined;
  };
}

/** Frames of RFC 8878: one of raw blocks, and then one to skip, as containers/storage writes them. */
function zstdChunked(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const block = Buffer.alloc(4);
  block.writeUInt32LE((bytes.length << 3) | 1);
  const contents = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, block.subarray(0, 3), bytes, contents]);
}

async function start(decide: Decide = () => undefined, upstream?: string, base?: BaseOptions): Promise<FaultProxy> {
  let contents = upstream;
  if (contents === undefined) {
    const registry = await startFakeRegistry();
    closers.push(registry.close);
    await pushBase(registry.host, 'base/x', 'v1', base ?? { layers: ['one'] });
    contents = registry.host;
  }
  const proxy = await startFaultProxy(contents, decide);
  closers.push(proxy.close);
  return proxy;
}

async function build(host: string) {
  return (await testEngine()).build(requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`));
}
