import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { docker, oci } from '../../../../image/registry/media-types.ts';
import { requestFor, rowOf, smallLayers, testEngine } from '../../registry/support/adapter.ts';
import { pushBase, pushManifest } from '../../registry/support/base-images.ts';
import { startFaultProxy } from '../../registry/support/fault-proxy.ts';
import { lacks } from '../../../support/requirements.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';

describe.skipIf(lacks('docker-registry', 'skopeo'))('registry engine against a real registry', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(async () => registry.close());

  test.each([
    { family: 'docker' as const, manifestType: docker.manifest, layerType: docker.layer },
    { family: 'oci' as const, manifestType: oci.manifest, layerType: oci.layer },
  ])(
    'appends to a $family base, mounts its layers and keeps its media types',
    async ({ family, manifestType, layerType }) => {
      const base = await pushBase(registry.host, `base/${family}`, 'v1', { family });
      const layers = await smallLayers();
      const engine = await testEngine();
      const target = `${registry.host}/me/${family}:v1`;

      const result = await engine.build(requestFor(`${registry.host}/base/${family}:v1`, target));

      const manifest = (await skopeoInspect(target, '--raw')) as {
        mediaType: string;
        layers: { mediaType: string; digest: string }[];
      };
      expect(manifest.mediaType).toBe(manifestType);
      expect(manifest.layers.map(({ digest }) => digest)).toEqual(
        [...base.manifest.layers, ...layers].map(({ digest }) => digest),
      );
      expect(manifest.layers.at(-1)?.mediaType).toBe(layerType);
      const seen = (await skopeoInspect(target)) as { Digest: string; Labels: object };
      expect(seen.Digest).toBe(result.digest);
      expect(seen.Labels).toEqual({ model: 'digits' });
      const config = (await skopeoInspect(target, '--config')) as {
        history: { created_by: string }[];
        rootfs: { diff_ids: string[] };
      };
      expect(config.rootfs.diff_ids.slice(-2)).toEqual(layers.map(({ diffId }) => diffId));
      expect(config.history.slice(-2).map(({ created_by: by }) => by)).toEqual(
        layers.map(({ createdBy }) => createdBy),
      );
      const mounts = registry
        .access()
        .filter((line) => line.includes(`mount=`) && line.includes(`from=base%2F${family}`));
      expect(mounts.map((line) => line.slice(-3))).toEqual(base.manifest.layers.map(() => '201'));
      expect(result.bytes?.mounted).toBe(base.manifest.layers.reduce((sum, { size }) => sum + size, 0));
    },
  );

  test('chooses the platform from an index and passes over attestations', async () => {
    const amd64 = await pushBase(registry.host, 'base/index', 'amd64', { family: 'oci' });
    const arm64 = await pushBase(registry.host, 'base/index', 'arm64', {
      family: 'oci',
      architecture: 'arm64',
      layers: ['a'],
    });
    await pushManifest(registry.host, 'base/index', 'v1', oci.index, {
      schemaVersion: 2,
      mediaType: oci.index,
      manifests: [
        indexEntry(amd64, 'unknown', 'unknown'),
        indexEntry(amd64, 'linux', 'amd64'),
        indexEntry(arm64, 'linux', 'arm64'),
      ],
    });
    const engine = await testEngine();
    const target = `${registry.host}/me/index:arm`;

    await engine.build(requestFor(`${registry.host}/base/index:v1`, target, { platform: 'linux/arm64' }));

    expect(await skopeoInspect(target, '--override-arch=arm64')).toMatchObject({ Architecture: 'arm64' });
    await expect(
      engine.build(requestFor(`${registry.host}/base/index:v1`, target, { platform: 'linux/s390x' })),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNSUPPORTED',
      message: expect.stringContaining('linux/amd64, linux/arm64'),
    });
  });

  test('does nothing if the target already is the image', async () => {
    await pushBase(registry.host, 'base/again', 'v1');
    const proxy = await startFaultProxy(registry.host);
    const request = requestFor(`${proxy.host}/base/again:v1`, `${proxy.host}/me/again:v1`);
    const first = await (await testEngine()).build(request);
    const sent = proxy.sent();
    const requests = proxy.seen.length;

    const second = await (await testEngine()).build(request);

    expect(second).toEqual({ ...first, bytes: { pushed: 0, mounted: 0, copied: 0 } });
    expect(proxy.sent()).toBe(sent);
    expect(
      proxy.seen
        .slice(requests)
        .map(({ method }) => method)
        .toSorted(),
    ).toEqual(['GET', 'GET', 'GET', 'HEAD']);
    await proxy.close();
  });

  test('sends the adapter layers once and mounts them into every further image', async () => {
    await pushBase(registry.host, 'base/many', 'v1');
    const proxy = await startFaultProxy(registry.host);
    const engine = await testEngine();
    const build = async (name: string) =>
      engine.build(requestFor(`${proxy.host}/base/many:v1`, `${proxy.host}/me/many-${name}:v1`, { row: rowOf(name) }));
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(build));

    const layerBytes = (await smallLayers()).reduce((sum, { size }) => sum + size, 0);
    expect(results.filter(({ bytes }) => (bytes?.pushed ?? 0) > layerBytes)).toHaveLength(1);
    const before = proxy.sent();
    await build('e');
    expect(proxy.sent() - before).toBeLessThan(20_000);
    await proxy.close();
  });

  test('another run mounts them too, and sends them again if the repository that held them is gone', async () => {
    await pushBase(registry.host, 'base/runs', 'v1');
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-homes-'));
    const homesFile = join(folder, 'homes.json');
    const build = async (name: string) =>
      (await testEngine({ homesFile })).build(
        requestFor(`${registry.host}/base/runs:v1`, `${registry.host}/me/runs-${name}:v1`),
      );
    const layerBytes = (await smallLayers()).reduce((sum, { size }) => sum + size, 0);

    expect((await build('a')).bytes?.pushed).toBeGreaterThan(layerBytes);
    expect((await build('b')).bytes?.pushed).toBeLessThan(20_000);
    await writeFile(homesFile, JSON.stringify({ [registry.host]: 'me/gone' }));
    expect((await build('c')).bytes?.pushed).toBeGreaterThan(layerBytes);
    await rm(folder, { recursive: true });
  });

  test('streams from another registry, and the image has the same bytes', async () => {
    const base = await pushBase(registry.host, 'base/far', 'v1');
    const other = await startRegistry();
    const target = `${other.host}/me/far:v1`;
    const engine = await testEngine();

    const result = await engine.build(requestFor(`${registry.host}/base/far:v1`, target));
    const near = await engine.build(requestFor(`${registry.host}/base/far:v1`, `${registry.host}/me/far:v1`));

    expect(result.digest).toBe(near.digest);
    expect(result.bytes?.copied).toBe(base.manifest.layers.reduce((sum, { size }) => sum + size, 0));
    expect(await skopeoInspect(target)).toMatchObject({ Digest: result.digest });
    await other.close();
  });

  test('an interrupted build says so, and leaves nothing under the tag', async () => {
    await pushBase(registry.host, 'base/interrupted', 'v1');
    const interrupt = new AbortController();
    const proxy = await startFaultProxy(registry.host, ({ method }) => {
      if (method === 'PATCH') interrupt.abort();
      return undefined;
    });
    const target = `${proxy.host}/me/interrupted:v1`;
    const request = requestFor(`${proxy.host}/base/interrupted:v1`, target, { signal: interrupt.signal });
    await expect((await testEngine()).build(request)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(skopeoInspect(target)).rejects.toThrow(/unknown/);
    await proxy.close();
  });
});

function indexEntry({ digest, size }: { digest: string; size: number }, os: string, architecture: string): object {
  return { mediaType: oci.manifest, digest, size, platform: { os, architecture } };
}
