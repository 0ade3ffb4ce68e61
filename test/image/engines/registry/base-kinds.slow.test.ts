import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { docker, oci } from '../../../../image/registry/media-types.ts';
import type { ImageManifest } from '../../../../image/registry/manifest.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { lacks } from '../../../support/requirements.ts';
import { requestFor, smallLayers, testEngine } from '../../registry/support/adapter.ts';
import { pushBase, pushManifest, type BaseOptions } from '../../registry/support/base-images.ts';
import { startFaultProxy } from '../../registry/support/fault-proxy.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';

const foreign = {
  mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  size: 1_000_000,
  digest: `sha256:${'f'.repeat(64)}`,
  urls: ['https://example.com/layer'],
};

describe.skipIf(lacks('docker-registry', 'skopeo'))('the kinds of base image', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(async () => registry.close());

  test.each<{ title: string; base: BaseOptions; expected: (manifest: ImageManifest) => unknown; value: unknown }>([
    {
      title: 'a manifest without mediaType is taken by its Content-Type, and states it afterwards',
      base: { family: 'oci', manifest: { mediaType: undefined } },
      expected: ({ mediaType }) => mediaType,
      value: oci.manifest,
    },
    {
      title: 'unknown fields are kept, subject is not',
      base: {
        family: 'oci',
        manifest: { later: [1], subject: { mediaType: oci.manifest, digest: foreign.digest, size: 1 } },
      },
      expected: ({ later, subject }: ImageManifest) => ({ later, subject }),
      value: { later: [1], subject: undefined },
    },
    {
      title: 'OCI annotations are kept, and name the base',
      base: { family: 'oci', manifest: { annotations: { a: 'b' } } },
      expected: ({ annotations }: ImageManifest) => Object.keys(annotations as object),
      value: ['a', 'org.opencontainers.image.base.name', 'org.opencontainers.image.base.digest'],
    },
    {
      title: 'Docker manifests, which know no annotations, get none',
      base: { family: 'docker' },
      expected: ({ annotations }: ImageManifest) => annotations,
      value: undefined,
    },
    {
      title: 'a layer that occurs twice stays twice',
      base: { family: 'docker', layers: ['same', 'other'], duplicate: true },
      expected: ({ layers }: ImageManifest) => layers.length,
      value: 5,
    },
  ])('$title', async ({ title, base, expected, value }) => {
    const name = `base/${title.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`;
    await pushBase(registry.host, name, 'v1', base);
    const target = `${registry.host}/me/${name}:v1`;
    await (await testEngine()).build(requestFor(`${registry.host}/${name}:v1`, target));
    expect(expected((await skopeoInspect(target, '--raw')) as ImageManifest)).toEqual(value);
  });

  test('layers that may not be distributed are neither mounted nor sent, and keep their urls', async () => {
    const base = await pushBase(registry.host, 'base/foreign', 'v1', { foreign });
    const target = `${registry.host}/me/foreign:v1`;
    const { bytes } = await (await testEngine()).build(requestFor(`${registry.host}/base/foreign:v1`, target));
    const { layers } = (await skopeoInspect(target, '--raw')) as ImageManifest;
    expect(layers).toContainEqual(foreign);
    expect(bytes?.mounted).toBe(
      base.manifest.layers.reduce((sum, { size, digest }) => sum + (digest === foreign.digest ? 0 : size), 0),
    );
  });

  test('a base without history gets none, and a base with history gets an entry per layer', async () => {
    const layers = await smallLayers();
    const added = layers.map(({ createdBy }) => ({
      created: '2020-01-02T03:04:05Z',
      created_by: createdBy,
      comment: 'modelwhisk',
    }));
    expect(await historyOfResult(registry, false)).toBeUndefined();
    expect((await historyOfResult(registry, true))?.slice(-2)).toEqual(added);
  });

  const refused: readonly { title: string; base: BaseOptions; message: string }[] = [
    {
      title: 'a base for another processor',
      base: { architecture: 'arm64' },
      message: 'is built for linux/arm64, not for linux/amd64',
    },
    { title: 'a base for Windows', base: { os: 'windows' }, message: 'is built for windows' },
    {
      title: 'an artifact that is no image',
      base: { family: 'oci', configType: 'application/vnd.cncf.helm.config.v1+json' },
      message: 'artifact of type application/vnd.cncf.helm',
    },
    {
      title: 'a base whose layers and configuration disagree',
      base: { extraDiffId: true },
      message: 'contradicts itself',
    },
    {
      title: 'a base of too many layers',
      base: { layers: Array.from({ length: 124 }, (_, index) => String(index)) },
      message: '124 layers already',
    },
  ];
  test.each(refused)('$title is refused', async ({ title, base, message }) => {
    const name = `base/${title.replaceAll(' ', '-').toLowerCase()}`;
    await pushBase(registry.host, name, 'v1', base);
    const build = (await testEngine()).build(
      requestFor(`${registry.host}/${name}:v1`, `${registry.host}/me/refused:v1`),
    );
    await expect(build).rejects.toMatchObject({
      code: 'REGISTRY_UNSUPPORTED',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [docker.manifest, { schemaVersion: 1, name: 'x', fsLayers: [] }],
    ['application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1 }],
  ])('a manifest of schema 1 (%s) is refused with advice', async (contentType, manifest) => {
    // Stands for a registry from before 2017. Current registries refuse such a manifest.
    const proxy = await startFaultProxy(registry.host, ({ url }) =>
      url.includes('base/old/manifests')
        ? { kind: 'answer', status: 200, headers: { 'content-type': contentType }, body: JSON.stringify(manifest) }
        : undefined,
    );
    const build = (await testEngine()).build(requestFor(`${proxy.host}/base/old:v1`, `${proxy.host}/me/old:v1`));
    await expect(build).rejects.toMatchObject({
      code: 'REGISTRY_UNSUPPORTED',
      message: expect.stringContaining('schema 1'),
      hint: expect.stringContaining('docker push'),
    });
    await proxy.close();
  });

  test('an index of indexes and a missing base are refused', async () => {
    const base = await pushBase(registry.host, 'base/nested', 'v1', { family: 'oci' });
    const platform = { os: 'linux', architecture: 'amd64' };
    const inner = {
      schemaVersion: 2,
      mediaType: oci.index,
      manifests: [{ mediaType: oci.manifest, digest: base.digest, size: base.size, platform }],
    };
    const pushed = await pushManifest(registry.host, 'base/nested', 'inner', oci.index, inner);
    const outer = { ...inner, manifests: [{ mediaType: oci.index, ...pushed, platform }] };
    await pushManifest(registry.host, 'base/nested', 'outer', oci.index, outer);
    const engine = await testEngine();
    const target = `${registry.host}/me/nested:v1`;
    await expect(engine.build(requestFor(`${registry.host}/base/nested:outer`, target))).rejects.toMatchObject({
      code: 'REGISTRY_UNSUPPORTED',
    });
    await expect(engine.build(requestFor(`${registry.host}/base/nested:none`, target))).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
      message: expect.stringContaining('base/nested:none does not exist'),
    });
  });
});

async function historyOfResult({ host }: TestRegistry, history: boolean): Promise<unknown[] | undefined> {
  const name = `history-${history}`;
  await pushBase(host, `base/${name}`, 'v1', { history });
  await (await testEngine()).build(requestFor(`${host}/base/${name}:v1`, `${host}/me/${name}:v1`));
  return ((await skopeoInspect(`${host}/me/${name}:v1`, '--config')) as { history?: unknown[] }).history;
}
