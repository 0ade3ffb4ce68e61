import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { copyImage } from '../../../../image/engines/registry/copy.ts';
import { oci } from '../../../../image/registry/media-types.ts';
import { buildCli } from '../../../support/build-cli.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { lacks } from '../../../support/requirements.ts';
import { pseudoRandom, requestFor, testEngine, testRegistries } from '../../registry/support/adapter.ts';
import { pushBase, pushManifest } from '../../registry/support/base-images.ts';
import { startFaultProxy } from '../../registry/support/fault-proxy.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';

const options = { signal: new AbortController().signal, progress: () => undefined };

describe.skipIf(lacks('docker-registry', 'skopeo'))('between repositories', () => {
  let here: TestRegistry;
  let there: TestRegistry;
  beforeAll(async () => {
    [here, there] = await Promise.all([startRegistry(), startRegistry()]);
  });
  afterAll(async () => Promise.all([here.close(), there.close()]));

  test('an image keeps its digest, and copying it again sends nothing', async () => {
    const base = await pushBase(here.host, 'me/image', 'v1');
    const proxy = await startFaultProxy(there.host);
    const copy = async () =>
      copyImage(testRegistries(), `${here.host}/me/image:v1`, `${proxy.host}/you/image:v2`, options);
    const first = await copy();
    expect(first).toMatchObject({ digest: base.digest, bytes: { mounted: 0 } });
    expect(await skopeoInspect(`${there.host}/you/image:v2`)).toMatchObject({ Digest: base.digest });
    const sent = proxy.sent();
    expect(await copy()).toEqual({ digest: base.digest, bytes: { pushed: 0, mounted: 0, copied: 0 } });
    expect(proxy.sent()).toBe(sent);
    await proxy.close();
  });

  test('within a registry everything is mounted', async () => {
    const base = await pushBase(here.host, 'me/near', 'v1');
    const { bytes } = await copyImage(testRegistries(), `${here.host}/me/near:v1`, `${here.host}/you/near:v1`, options);
    expect(bytes.copied).toBe(0);
    expect(bytes.mounted).toBeGreaterThan(base.manifest.layers.reduce((sum, { size }) => sum + size, 0));
  });

  test('an index is copied with everything that it lists', async () => {
    const platforms = ['amd64', 'arm64'];
    const images = await Promise.all(
      platforms.map(async (architecture) =>
        pushBase(here.host, 'me/index', architecture, { family: 'oci', architecture }),
      ),
    );
    const manifests = images.map(({ digest, size }, index) => ({
      mediaType: oci.manifest,
      digest,
      size,
      platform: { os: 'linux', architecture: platforms[index] },
    }));
    const index = { schemaVersion: 2, mediaType: oci.index, manifests };
    const { digest } = await pushManifest(here.host, 'me/index', 'v1', oci.index, index);
    const copied = await copyImage(testRegistries(), `${here.host}/me/index:v1`, `${there.host}/me/index:v1`, options);
    expect(copied.digest).toBe(digest);
    for (const architecture of platforms) {
      expect(await skopeoInspect(`${there.host}/me/index:v1`, `--override-arch=${architecture}`)).toMatchObject({
        Architecture: architecture,
      });
    }
  });

  test('build.ts copy reports what it copied', async () => {
    const { digest } = await pushBase(here.host, 'me/cli', 'v1');
    const [from, to] = [`${here.host}/me/cli:v1`, `${there.host}/me/cli:v1`];
    const { stdout } = await buildCli(['copy', from, to, '--json'], { HOME: '/nowhere' });
    expect(JSON.parse(stdout)).toMatchObject({ source: from, target: to, digest });
    expect(await buildCli(['copy', `${here.host}/me/none:v1`, to], { HOME: '/nowhere' })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: \S+me\/none:v1 does not exist: .*\n {2}hint: check the name and the tag\n$/,
      ),
    });
  });

  test.each([
    { side: 'source', method: 'GET', kind: 'reset-response' },
    { side: 'target', method: 'PATCH', kind: 'reset-request' },
  ] as const)(
    'a layer whose connection to the $side breaks is sent again from its first byte',
    async ({ side, method, kind }) => {
      const base = await pushBase(here.host, `me/broken-${side}`, 'v1', { layers: [pseudoRandom(3_000_000)] });
      let times = 2;
      const decide: Parameters<typeof startFaultProxy>[1] = (request) =>
        request.method === method && /blobs/.test(request.url) && times-- > 0 ? { kind, after: 1_000_000 } : undefined;
      const source = await startFaultProxy(here.host, side === 'source' ? decide : undefined);
      const target = await startFaultProxy(there.host, side === 'target' ? decide : undefined);
      const name = `me/broken-${side}:v1`;
      expect(
        await copyImage(testRegistries(), `${source.host}/${name}`, `${target.host}/${name}`, options),
      ).toMatchObject({ digest: base.digest });
      expect(times).toBeLessThanOrEqual(0);
      await source.close();
      await target.close();
    },
  );

  test('a corrupt layer is refused in any case, and its upload is cancelled', async () => {
    await pushBase(here.host, 'me/corrupt', 'v1', { layers: [pseudoRandom(100_000, 7)] });
    const source = await startFaultProxy(here.host, ({ method, url }) =>
      method === 'GET' && url.includes('blobs') ? { kind: 'corrupt-response' } : undefined,
    );
    const target = await startFaultProxy(there.host);
    const copy = copyImage(testRegistries(), `${source.host}/me/corrupt:v1`, `${target.host}/me/corrupt:v1`, options);
    await expect(copy).rejects.toMatchObject({ code: 'REGISTRY_DIGEST' });
    expect(target.seen.map(({ method }) => method)).toContain('DELETE');
    expect(target.seen.filter(({ method, url }) => method === 'PUT' && url.includes('manifests'))).toEqual([]);
    await source.close();
    await target.close();
  });

  test('refused mounts of more than 100 MB are reported with their size, and are copied only on request', async () => {
    // Only the sizes in the manifest are large: nothing is to be sent.
    await pushBase(here.host, 'base/large', 'v1', { statedSize: 200_000_000 });
    const proxy = await startFaultProxy(here.host, ({ url }) =>
      url.includes('mount=') ? { kind: 'answer', status: 403 } : undefined,
    );
    const build = (await testEngine()).build(requestFor(`${proxy.host}/base/large:v1`, `${proxy.host}/me/large:v1`));
    await expect(build).rejects.toMatchObject({
      code: 'REGISTRY_COPY_NEEDED',
      message: expect.stringContaining('does not mount layers of base/large into me/large'),
      hint: expect.stringMatching(/--allow-copy .*600 MB/),
    });
    expect(proxy.seen.filter(({ method, url }) => method === 'GET' && /base\/large\/blobs/.test(url))).toHaveLength(1);
    await proxy.close();
  });

  test('no mount is tried after a refused one; the remaining layers are copied', async () => {
    const base = await pushBase(here.host, 'base/refused', 'v1');
    const proxy = await startFaultProxy(here.host, ({ url }) =>
      url.includes('mount=') ? { kind: 'answer', status: 403 } : undefined,
    );
    const engine = await testEngine();
    const { bytes } = await engine.build(requestFor(`${proxy.host}/base/refused:v1`, `${proxy.host}/me/refused-1:v1`));
    expect(bytes).toMatchObject({ mounted: 0, copied: base.manifest.layers.reduce((sum, { size }) => sum + size, 0) });
    await proxy.close();
  });
});
