import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packTar, unpackTar } from 'modern-tar';
import { expect, test } from 'vitest';
import { prepareLayers, type NodeImage } from '../../../image/layers/layers.ts';
import { bundledPackages } from '../../../scripts/bundled-packages.ts';
import { billOfMaterials } from '../../../scripts/sbom.ts';

const adapterEntry = join(import.meta.dirname, '../../../adapter/main.ts');

/** A Node image whose files have all mode bits that our layers must not have. It stands for the real one. */
const nodeImage: NodeImage = {
  id: 'sha256:hostile',
  platform: 'linux/amd64',
  async *layers() {
    const folder = 'usr/lib/x86_64-linux-gnu';
    const libraries = ['libc.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libstdc++.so.6', 'ld-linux-x86-64.so.2'];
    const names = ['usr/local/bin/node', 'usr/local/LICENSE', ...libraries.map((name) => `${folder}/${name}`)];
    const header = { size: 1, mode: 0o7777, uid: 1000, gid: 1000, uname: 'node', gname: 'node' };
    yield new Blob([await packTar(names.map((name) => ({ header: { ...header, name }, body: 'x' })))]).stream();
  },
};

test('the layers hold plain files and folders of root under /modelwhisk, nothing set-uid or writable by others', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'modelwhisk-shipped-'));
  const { runtime, adapter } = await prepareLayers(nodeImage, { cacheFolder, adapterEntry });
  const entries = (
    await Promise.all([runtime, adapter].map(async ({ file }) => unpackTar(await readFile(file))))
  ).flat();
  await rm(cacheFolder, { recursive: true });
  expect(entries.length).toBeGreaterThan(10);
  const odd = entries.filter(
    ({ header: { name, type, mode = 0, uid, gid } }) =>
      !/^modelwhisk\/(?!.*\.\.)/.test(name) ||
      !['file', 'directory'].includes(type ?? '') ||
      (mode & 0o7022) !== 0 ||
      uid !== 0 ||
      gid !== 0,
  );
  expect(odd.map(({ header }) => header.name)).toEqual([]);
});

test('npm run sbom writes the same bill of materials whenever it is asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bill-'));
  const file = join(folder, 'bill.json');
  await execa('npm', ['run', '--silent', 'sbom', '--', file], { cwd: join(import.meta.dirname, '../../..') });
  const bill = JSON.parse(await readFile(file, 'utf8')) as object;
  await rm(folder, { recursive: true });
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX' });
  expect(bill).toEqual(await billOfMaterials());
});

test('the bill of materials lists exactly the adapter’s parts, each with version, licence and digest', async () => {
  const { components } = await billOfMaterials();
  const runtime = components.find(({ name }) => name === 'docker.io/library/node');
  expect(runtime).toMatchObject({ hashes: [{ alg: 'SHA-256' }], purl: expect.stringContaining('sha256%3A') as string });
  const listed = components.filter((component) => component !== runtime);
  const packages = await bundledPackages();
  expect(listed.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual(
    packages.map(({ name, version }) => `${name}@${version}`).toSorted(),
  );
  for (const component of listed) {
    expect(component).toMatchObject({
      hashes: [{ alg: 'SHA-512' }],
      licenses: [{ license: expect.anything() as unknown }],
    });
  }
});
