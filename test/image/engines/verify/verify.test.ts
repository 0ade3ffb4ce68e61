import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf, tarOf } from '../../registry/support/base-images.ts';
import { makeImage, type Config, type MadeImage } from './made-image.ts';

let made: MadeImage;
beforeAll(async () => {
  made = await makeImage();
  await made.save({ kind: 'oci', path: join(made.folder, 'layout') });
  await made.save({ kind: 'docker-archive', path: join(made.folder, 'image.tar') });
});
afterAll(async () => made.close());

describe('what build.ts made is accepted', () => {
  test('from a registry, by its digest', async () => {
    expect(await made.verify(`${made.host}/me/x:v1`)).toMatchObject({
      compared: 'digests',
      differences: [],
      base: { name: `${made.host}/base/x:v1` },
      layers: made.layers.map(({ digest }) => digest),
    });
  });

  test.each(['', ':NAME'])('from an OCI image layout, as oci:DIR%s', async (suffix) => {
    const name = `oci:${join(made.folder, 'layout')}${suffix.replace('NAME', `${made.host}/me/x:v1`)}`;
    expect(await made.verify(name)).toMatchObject({ compared: 'digests', differences: [] });
  });

  test('from an archive', async () => {
    const found = await made.verify(`docker-archive:${join(made.folder, 'image.tar')}`);
    expect(found).toMatchObject({ compared: 'digests', differences: [], digest: undefined });
    expect(found.layers).toEqual(made.layers.map(({ diffId }) => diffId));
  });

  test('from an archive in another order, with a compressed layer and one that is a link', async () => {
    const [first = '', second = ''] = await layersInArchive();
    const file = await changedArchive(
      (files) => {
        files.set(second, gzipSync(files.get(second) ?? ''));
        const manifest = String(files.get('manifest.json')).replace(first, 'link/layer.tar');
        return new Map([...files, ['manifest.json', Buffer.from(manifest)] as const].toReversed());
      },
      new Map([['link/layer.tar', `../${first}`]]),
    );
    expect(await made.verify(`docker-archive:${file}`)).toMatchObject({ differences: [] });
  });

  test('if Docker has packed the adapter again: another order, other times, another compression', async () => {
    const name = await made.push(
      await withOwnTars(async (tar) => {
        const entries = await unpackTar(tar);
        return packTar(
          entries.map(({ header, data = new Uint8Array() }) => ({ header: { ...header, mtime: new Date() }, data })),
        );
      }),
    );
    expect(await made.verify(name)).toMatchObject({ compared: 'contents', differences: [] });
  });

  test('where all layers are compressed in another way', async () => {
    const blobs = await Promise.all(made.manifest.layers.map(async ({ digest }) => made.blob(digest)));
    const name = await made.push({ layers: blobs.map((each) => gzipSync(gunzipSync(each), { level: 1 })) });
    expect(await made.verify(name)).toMatchObject({ compared: 'contents', differences: [] });
  });
});

describe('another configuration is refused, and what differs is told', () => {
  const changes: readonly [what: string, change: (config: Config) => void, difference: string][] = [
    ['a variable more', ({ config }) => config.Env.push('EVIL=1'), 'config.Env has "EVIL=1", which was not expected'],
    ['another entrypoint', ({ config }) => (config['Entrypoint'] = ['/evil']), 'config.Entrypoint has "/evil", which'],
    ['another user', ({ config }) => (config['User'] = 'root'), 'config.User is "root", expected absent'],
    ['a command', ({ config }) => (config['Cmd'] = ['/evil']), 'config.Cmd is ["/evil"], expected '],
    ['a check', ({ config }) => (config['Healthcheck'] = { Test: ['CMD'] }), 'config.Healthcheck is {"Test":["CMD"]},'],
    ['a volume', ({ config }) => (config['Volumes'] = { '/x': {} }), 'config.Volumes is {"/x":{}}, expected absent'],
    [
      'another label',
      ({ config }) => (config.Labels['dev.modelwhisk.model'] = 'evil'),
      'config.Labels.dev.modelwhisk.model is "evil", expected "digits"',
    ],
    [
      'another order of variables',
      ({ config }) => (config.Env = config.Env.toReversed()),
      'config.Env has its elements in another order or number',
    ],
  ];

  test.each(changes)('of the registry engine: %s', async (_what, change, difference) => {
    const config = structuredClone(made.config);
    change(config);
    const { differences } = await made.verify(await made.push({ config }));
    expectOne(differences, difference);
  });

  test.each(changes)('of Docker: %s', async (_what, change, difference) => {
    const { config, layers } = await withOwnTars(repack);
    change(config);
    const { differences } = await made.verify(await made.push({ config, layers }));
    expectOne(differences, difference);
  });

  /** Of a list, each element is told by itself. */
  function expectOne([first = 'none', ...more]: readonly string[], difference: string): void {
    expect(first).toContain(difference);
    for (const other of more) expect(other).toMatch(new RegExp(`^${first.split(' ')[0]} lacks `));
  }

  test('but for the records that Docker keeps of a build', async () => {
    const { config, layers } = await withOwnTars(repack);
    Object.assign(config, { container: 'x', container_config: {}, created: 'now', docker_version: '20', history: [] });
    Object.assign(config.config, { Hostname: 'x', Image: 'sha256:x', AttachStdout: true, OnBuild: null, User: '' });
    config.config.Env.splice(1, 0, 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    expect(await made.verify(await made.push({ config, layers }))).toMatchObject({ differences: [] });
    config.config.Env[1] = 'PATH=/evil';
    const { differences } = await made.verify(await made.push({ config, layers }));
    expect(differences).toEqual(['config.Env has "PATH=/evil", which was not expected']);
  });

  test('a history that the registry engine does not write', async () => {
    const { differences } = await made.verify(await made.push({ config: { ...made.config, author: 'evil' } }));
    expect(differences).toEqual(['author is "evil", expected absent']);
  });

  test('an annotation of the manifest', async () => {
    const { differences } = await made.verify(await made.push({ manifest: { annotations: { a: 'b' } } }));
    expect(differences).toEqual(['manifest.annotations is {"a":"b"}, expected absent']);
  });
});

describe('other layers are refused, and what differs is told', () => {
  test('another base than the one that is named', async () => {
    const config = structuredClone(made.config);
    const other = await fetch(`http://${made.host}/v2/base/y/manifests/v1`);
    config.config.Labels['org.opencontainers.image.base.name'] = `${made.host}/base/y:v1`;
    config.config.Labels['org.opencontainers.image.base.digest'] = other.headers.get('docker-content-digest') ?? '';
    const { differences } = await made.verify(await made.push({ config }));
    expect(differences).toEqual([expect.stringMatching(/^layer 2 is sha256:\w+, expected sha256:\w+$/)]);
  });

  test.each([
    ['one more', (blobs: Buffer[], extra: Buffer) => [...blobs, extra], /^layer 5 is sha256:\w+, expected none$/],
    ['one less', (blobs: Buffer[]) => blobs.slice(0, 3), /^layer 4 is missing, expected sha256:\w+$/],
    ['another one of the base', ([, ...blobs]: Buffer[], extra: Buffer) => [extra, ...blobs], /^layer 1 is sha256:/],
  ])('%s', async (_what, change, difference) => {
    const blobs = await Promise.all(made.manifest.layers.map(async ({ digest }) => made.blob(digest)));
    const layers = change(blobs, gzipSync(await tarOf('evil', 'evil')));
    const { differences } = await made.verify(await made.push(withDiffIds(layers)));
    expect(differences).toEqual([expect.stringMatching(difference)]);
  });

  test.each<[what: string, change: (entry: Entry) => Entry | readonly Entry[], difference: string]>([
    ['other bytes', (entry) => ({ ...entry, data: Buffer.alloc(entry.data?.length ?? 0) }), 'has other bytes'],
    [
      'another mode',
      ({ header, data = new Uint8Array() }) => ({ header: { ...header, mode: 0o4755 }, data }),
      'has another mode',
    ],
    [
      'another owner',
      ({ header, data = new Uint8Array() }) => ({ header: { ...header, uid: 1000 }, data }),
      'has another owner',
    ],
    [
      'a capability',
      ({ header, data = new Uint8Array() }) => ({
        header: { ...header, pax: { 'SCHILY.xattr.security.capability': 'x' } },
        data,
      }),
      'has other attributes',
    ],
    [
      'a link',
      ({ header }) => ({ header: { name: header.name, size: 0, type: 'symlink', linkname: '/evil' } }),
      'has another type',
    ],
    ['a file that is there twice', (entry) => [entry, entry], 'is there 2 times'],
    ['a file less', () => [], 'is missing'],
    [
      'a file of the base that it hides',
      (entry) => [entry, { header: { name: 'workspace/.wh.file0', size: 0 }, data: Buffer.alloc(0) }],
      'workspace/.wh.file0 is one too many',
    ],
  ])('one of the adapter with %s', async (_what, change, difference) => {
    const changed = await withOwnTars(async (tar) => packTar((await unpackTar(tar)).flatMap(change)));
    const { differences } = await made.verify(await made.push(changed));
    expect(differences).toHaveLength(2);
    expect(differences[0]).toMatch(/^layer 3 is sha256:\w+, expected sha256:\w+: modelwhisk\/runtime\/node |workspace/);
    expect(differences[0]).toContain(difference);
  });

  test('whose configuration says that they are the right ones', async () => {
    const { layers } = await withOwnTars(async () => tarOf('evil', 'evil'));
    const { differences } = await made.verify(await made.push({ layers }));
    expect(differences).toEqual([3, 4].map((of) => expect.stringMatching(`^layer ${of} is .* the configuration says`)));
    const config = structuredClone(made.config);
    config.rootfs.diff_ids[0] = config.rootfs.diff_ids[1] ?? '';
    const found = await made.verify(await made.push({ config }));
    expect(found.differences).toEqual([expect.stringMatching(/^layer 1 is .* when unpacked; the configuration says/)]);
  });

  test('that cannot be unpacked', async () => {
    const blobs = await Promise.all(made.manifest.layers.map(async ({ digest }) => made.blob(digest)));
    const [, , , last = Buffer.alloc(0)] = blobs;
    for (const broken of [last.subarray(0, -12), Buffer.from('neither a tar nor compressed'.repeat(100))]) {
      const { differences } = await made.verify(await made.push({ layers: [...blobs.slice(0, 3), broken] }));
      expect(differences).toEqual([expect.stringMatching(/^layer 4 (cannot be read: |is .* when unpacked)/)]);
    }
  });
});

describe('files that were tampered with are refused', () => {
  test('a layer of an OCI image layout', async () => {
    const folder = await changedLayout(made.manifest.layers[0]?.digest ?? '', Buffer.from('evil'));
    const { differences } = await made.verify(`oci:${folder}`);
    expect(differences).toEqual([expect.stringMatching(/^layer 1 has other bytes than its digest sha256:\w+ says/)]);
  });

  test('a configuration in one', async () => {
    const folder = await changedLayout(made.manifest.config.digest, Buffer.from(JSON.stringify(made.config, null, 1)));
    await expect(made.verify(`oci:${folder}`)).rejects.toMatchObject({
      code: 'IMAGE_FILES',
      message: expect.stringContaining('has other bytes than its name says') as string,
    });
  });

  test('a layer of an archive', async () => {
    const [, , third = ''] = await layersInArchive();
    const evil = await tarOf('evil', 'evil');
    const file = await changedArchive((files) => files.set(third, Buffer.from(evil)));
    const { differences } = await made.verify(`docker-archive:${file}`);
    expect(differences).toEqual([
      expect.stringMatching(/^layer 3 is sha256:\w+ when unpacked; the configuration says/),
    ]);
  });

  test('a layer that an archive lacks', async () => {
    const [first = ''] = await layersInArchive();
    const file = await changedArchive((files) => (files.delete(first), files));
    expect((await made.verify(`docker-archive:${file}`)).differences).toEqual(['layer 1 is not there']);
  });

  test.each([
    ['oci:/nonexistent', '/nonexistent/index.json cannot be read (ENOENT)'],
    ['oci:FOLDER/layout:other', 'layout holds no image other'],
    ['docker-archive:/nonexistent', '/nonexistent is not an archive of one image as docker save writes it: ENOENT'],
    ['docker-archive:FOLDER/layout/index.json', 'is not an archive of one image as docker save writes it'],
  ])('%s is told to be none', async (place, message) => {
    await expect(made.verify(place.replace('FOLDER', made.folder))).rejects.toMatchObject({
      code: 'IMAGE_FILES',
      message: expect.stringContaining(message) as string,
    });
  });
});

type Entry = Awaited<ReturnType<typeof unpackTar>>[number];

/** Docker's layers of the adapter have the same content in another tar. */
async function repack(tar: Buffer): Promise<Uint8Array> {
  const entries = await unpackTar(tar);
  return packTar(
    entries.map(({ header, data = new Uint8Array() }) => ({ header: { ...header, mtime: new Date(5000) }, data })),
  );
}

/** The image with other tars as the adapter's layers, and a matching configuration. */
async function withOwnTars(change: (tar: Buffer) => Promise<Uint8Array>) {
  const blobs = await Promise.all(made.manifest.layers.map(async ({ digest }) => made.blob(digest)));
  const own = await Promise.all(blobs.slice(2).map(async (each) => gzipSync(await change(gunzipSync(each)))));
  return withDiffIds([...blobs.slice(0, 2), ...own]);
}

function withDiffIds(layers: readonly Buffer[]) {
  const config = structuredClone(made.config);
  config.rootfs.diff_ids = layers.map((each) => digestOf(gunzipSync(each)));
  return { config, layers };
}

let copies = 0;

async function changedLayout(digest: string, bytes: Buffer): Promise<string> {
  const folder = join(made.folder, `copy${copies++}`);
  await cp(join(made.folder, 'layout'), folder, { recursive: true });
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
  const manifest = await readFile(blobPath(folder, index.manifests[0]?.digest ?? ''), 'utf8');
  expect(manifest).toContain(digest);
  await writeFile(blobPath(folder, digest), bytes);
  return folder;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs', digest.replace(':', '/'));
}

async function layersInArchive(): Promise<readonly string[]> {
  const entries = await unpackTar(await readFile(join(made.folder, 'image.tar')));
  const manifest = entries.find(({ header }) => header.name === 'manifest.json')?.data;
  return (JSON.parse(Buffer.from(manifest ?? []).toString()) as { Layers: string[] }[])[0]?.Layers ?? [];
}

async function changedArchive(
  change: (files: Map<string, Buffer>) => ReadonlyMap<string, Buffer>,
  links: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const entries = await unpackTar(await readFile(join(made.folder, 'image.tar')));
  const files = change(new Map(entries.map(({ header, data = new Uint8Array() }) => [header.name, Buffer.from(data)])));
  const file = join(made.folder, `copy${copies++}.tar`);
  const tar = await packTar([
    ...[...links].map(([name, linkname]) => ({ header: { name, linkname, size: 0, type: 'symlink' as const } })),
    ...[...files].map(([name, body]) => ({ header: { name, size: body.length }, body: new Uint8Array(body) })),
  ]);
  await writeFile(file, tar);
  return file;
}
