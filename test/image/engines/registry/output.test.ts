import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ImageOutput } from '../../../../image/engines/image-output.ts';
import { requestFor, testEngine } from '../../registry/support/adapter.ts';
import { digestOf, pushBase } from '../../registry/support/base-images.ts';
import { startFakeRegistry, type FakeRegistry } from '../../registry/support/fake-registry.ts';
import { startFaultProxy, type Fault } from '../../registry/support/fault-proxy.ts';

let folder: string;
let registry: FakeRegistry;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-output-'));
  registry = await startFakeRegistry();
  await pushBase(registry.host, 'base/x', 'v1', { layers: ['one', 'two'.repeat(10_000)] });
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await registry.close();
  await rm(folder, { recursive: true });
});

describe.each(['oci', 'docker-archive'] as const)('%s', (kind) => {
  test('a broken connection is tried again', async () => {
    await save({ kind, path: join(folder, 'made') }, { kind: 'reset-response', after: 5 }, 2);
    expect(await readdir(folder)).toEqual(['made']);
  });

  test.each([
    ['wrong bytes', { kind: 'corrupt-response' }, 'REGISTRY_DIGEST'],
    ['a base that is gone', { kind: 'answer', status: 404 }, 'REGISTRY_NOT_FOUND'],
  ] as const)('%s end it, and nothing is left that looks like an image', async (_title, fault, code) => {
    const saving = save({ kind, path: join(folder, 'made') }, fault, Infinity);
    await expect(saving).rejects.toMatchObject({ code });
    const left = await readdir(folder, { recursive: true });
    expect(left.filter((name) => /index\.json|partial|archive\.tar|^made$/.test(name))).toEqual(
      kind === 'oci' ? ['made'] : [],
    );
  });
});

test('an OCI image layout holds every blob under its own digest, and says what it is', async () => {
  const { digest, bytes } = await save({ kind: 'oci', path: folder });
  const names = await readdir(join(folder, 'blobs/sha256'));
  for (const name of names) {
    expect(digestOf(await readFile(join(folder, 'blobs/sha256', name)))).toBe(`sha256:${name}`);
  }
  const { manifests } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  expect(manifests).toMatchObject([
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      annotations: { 'org.opencontainers.image.ref.name': `${registry.host}/me/x:v1` },
      platform: { os: 'linux', architecture: 'amd64' },
    },
  ]);
  expect(JSON.parse(await readFile(join(folder, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(bytes).toMatchObject({ pushed: 0, mounted: 0 });
  expect(bytes?.copied).toBeGreaterThan(0);
});

test('a layout that already has the layers does not fetch them again', async () => {
  await save({ kind: 'oci', path: folder });
  expect((await save({ kind: 'oci', path: folder })).bytes).toEqual({ pushed: 0, mounted: 0, copied: 0 });
});

/** Saves an image, with a fault in this number of answers with layers of the base. */
async function save(output: ImageOutput, fault?: Fault, times = 0) {
  let left = times;
  const proxy = await startFaultProxy(registry.host, ({ method, url }) =>
    method === 'GET' && url.includes('/blobs/') && blobs++ > 0 && left-- > 0 ? fault : undefined,
  );
  closers.push(proxy.close);
  // The configuration is a blob as well, and is read first.
  let blobs = 0;
  const target = `${registry.host}/me/x:v1`;
  const request = { ...requestFor(`${proxy.host}/base/x:v1`, target, { push: false }), output };
  return (await testEngine()).build(request);
}
