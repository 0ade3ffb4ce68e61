import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { packTar, type TarEntry, unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LayerFile, writeLayer } from '../../../image/layers/layer-tar.ts';
import { type NodeImage, prepareLayers } from '../../../image/layers/layers.ts';
import { runtimeFiles } from '../../../image/layers/runtime.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-layers-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
const fileOf = (path: string, content: string, executable: boolean): LayerFile => ({
  path,
  executable,
  size: content.length,
  open: () => Readable.from([bytes(content)]),
});
const files = [
  fileOf('modelwhisk/runtime/node', 'node', true),
  fileOf('modelwhisk/runtime/lib/libc.so.6', 'libc', false),
  fileOf('modelwhisk/runtime/lib/ld.so', 'loader', true),
];

describe('a layer', () => {
  test('is the same for every order of its files', async () => {
    const one = await writeLayer(files, folder, 'one');
    const other = await writeLayer(files.toReversed(), join(folder, 'sub'), 'other');
    expect(other.diffId).toBe(one.diffId);
    expect(await readFile(other.file)).toEqual(await readFile(one.file));
    expect((await readFile(one.file)).byteLength).toBe(one.size);
  });

  test('is not written if a file cannot be read', async () => {
    const unreadable = {
      ...fileOf('modelwhisk/runtime/lost', 'lost', false),
      open: () => createReadStream('/missing'),
    };
    await expect(writeLayer([...files, unreadable], join(folder, 'failed'), 'any')).rejects.toThrow('ENOENT');
    expect(await readdir(join(folder, 'failed'))).toEqual([]);
  });

  test('holds nothing but /modelwhisk: sorted, owned by root, one time, nothing set-uid or writable by others', async () => {
    const { file } = await writeLayer(files, folder, 'checked');
    const entries = await unpackTar(await readFile(file));
    expect(
      entries.map(({ header: { name, mode, uid, gid, mtime } }) => [name, mode, uid, gid, mtime?.getTime()]),
    ).toEqual([
      ['modelwhisk/', 0o755, 0, 0, 1000],
      ['modelwhisk/runtime/', 0o755, 0, 0, 1000],
      ['modelwhisk/runtime/lib/', 0o755, 0, 0, 1000],
      ['modelwhisk/runtime/lib/ld.so', 0o755, 0, 0, 1000],
      ['modelwhisk/runtime/lib/libc.so.6', 0o644, 0, 0, 1000],
      ['modelwhisk/runtime/node', 0o755, 0, 0, 1000],
    ]);
  });
});

type Header = Partial<TarEntry['header']> & { readonly name: string };

/** A layer of a Node image, as from a registry or `docker export`. */
async function layerOf(...entries: readonly (readonly [Header, string?])[]): Promise<ReadableStream<Uint8Array>> {
  const tar = await packTar(
    entries.map(([header, body = '']) => ({ header: { size: body.length, ...header }, body: bytes(body) })),
  );
  return ReadableStream.from(chunksOf(tar));
}

/** The chunks as from a file or a pipe. */
function* chunksOf(bytesOfTar: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytesOfTar.length; at += 65_536) yield bytesOfTar.subarray(at, at + 65_536);
}

async function* layersOf(
  ...layers: readonly Promise<ReadableStream<Uint8Array>>[]
): AsyncGenerator<ReadableStream<Uint8Array>> {
  yield* layers;
}

const debian = async (): Promise<ReadableStream<Uint8Array>> =>
  layerOf(
    [{ name: 'lib64', type: 'symlink', linkname: 'usr/lib64' }],
    [
      {
        name: './usr/lib64/ld-linux-x86-64.so.2',
        type: 'symlink',
        linkname: '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
      },
    ],
    [{ name: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', mode: 0o755 }, 'the loader'],
    [{ name: 'lib/x86_64-linux-gnu/libc.so.6' }, 'libc'],
    [{ name: 'usr/lib/x86_64-linux-gnu/libm.so.6' }, 'libm'],
    [{ name: 'usr/lib/x86_64-linux-gnu/libgcc_s.so.1' }, 'libgcc'],
    [{ name: 'usr/lib/x86_64-linux-gnu/libstdc++.so.6', type: 'symlink', linkname: 'libstdc++.so.6.0.30' }],
    [{ name: 'usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30' }, 'libstdc++'],
    [{ name: 'usr/lib/x86_64-linux-gnu/libssl.so.3' }, 'not needed'],
    [{ name: 'usr/share/doc/libc6/copyright' }, 'LGPL'],
    [{ name: 'usr/share/common-licenses/GPL-3' }, 'GPL'],
  );
const node = async (): Promise<ReadableStream<Uint8Array>> =>
  layerOf([{ name: 'usr/local/bin/node', mode: 0o4777 }, 'node 24'], [{ name: 'usr/local/LICENSE' }, 'MIT']);

/** The runtime layer's files: path, text and whether it can be executed. */
async function picked(...layers: readonly Promise<ReadableStream<Uint8Array>>[]): Promise<Record<string, string>> {
  const scratch = await mkdtemp(join(folder, 'scratch-'));
  const found = (await runtimeFiles(layersOf(...layers), scratch)).map(async ({ path, executable, size, open }) => {
    const content = await text(open());
    expect(content).toHaveLength(size);
    return [path, `${content}${executable ? ', executable' : ''}`] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

describe('the runtime layer', () => {
  test('has Node.js, the loader, the libraries and the licences, through links and under names of its own', async () => {
    const found = await picked(debian(), node());
    expect(found).toEqual({
      'modelwhisk/runtime/lib/ld.so': 'the loader, executable',
      'modelwhisk/runtime/lib/libc.so.6': 'libc',
      'modelwhisk/runtime/lib/libgcc_s.so.1': 'libgcc',
      'modelwhisk/runtime/lib/libm.so.6': 'libm',
      'modelwhisk/runtime/lib/libstdc++.so.6': 'libstdc++',
      'modelwhisk/runtime/licences/GPL-3': 'GPL',
      'modelwhisk/runtime/licences/libc6': 'LGPL',
      'modelwhisk/runtime/licences/node': 'MIT',
      'modelwhisk/runtime/node': 'node 24, executable',
    });
  });

  test('contains a large file completely, also behind small files that are not needed', async () => {
    const large = 'free'.repeat(100_000);
    const mixed = layerOf(
      [{ name: 'etc/hosts' }, 'not needed'],
      [{ name: 'usr/share/common-licenses/GPL-3' }, large],
      [{ name: 'etc/passwd' }, 'not needed'],
    );
    expect((await picked(debian(), node(), mixed))['modelwhisk/runtime/licences/GPL-3']).toBe(large);
  });

  test('takes a file from the topmost layer that has it', async () => {
    const newer = layerOf([{ name: 'usr/local/bin/node' }, 'node 25']);
    expect(await picked(debian(), node(), newer)).toMatchObject({ 'modelwhisk/runtime/node': 'node 25, executable' });
  });

  test.each([
    [
      'a whiteout removes',
      layerOf([{ name: 'usr/local/bin/.wh.node' }]),
      'the image for the runtime layer has no /usr/local/bin/node',
    ],
    [
      'a dangling link leaves out',
      layerOf([{ name: 'usr/local/bin/node', type: 'symlink', linkname: 'nodejs' }]),
      'the image for the runtime layer has no /usr/local/bin/node',
    ],
  ])('refuses an image from which %s what Node.js needs', async (_, layer, named) => {
    await expect(picked(debian(), node(), layer)).rejects.toMatchObject({
      code: 'RUNTIME_IMAGE',
      message: expect.stringContaining(named) as string,
    });
  });

  test('refuses an image with another C library', async () => {
    const alpine = layerOf([{ name: 'lib/ld-musl-x86_64.so.1' }, 'musl']);
    await expect(picked(alpine, node())).rejects.toMatchObject({
      code: 'RUNTIME_IMAGE',
      hint: expect.stringContaining('Debian') as string,
    });
  });
});

describe('prepareLayers', () => {
  test('reads the Node image once for each digest', async () => {
    const opened: string[] = [];
    const image = (id: string): NodeImage => ({
      id,
      platform: 'linux/amd64',
      layers: () => {
        opened.push(id);
        return layersOf(debian(), node());
      },
    });
    const options = {
      cacheFolder: join(folder, 'cache'),
      adapterEntry: join(import.meta.dirname, '../fixtures/hello.ts'),
    };
    const first = await prepareLayers(image('sha256:1'), options);
    const second = await prepareLayers(image('sha256:1'), options);
    const third = await prepareLayers(image('sha256:2'), options);
    expect(opened).toEqual(['sha256:1', 'sha256:2']);
    expect(second).toEqual(first);
    expect(third.runtime.diffId).toBe(first.runtime.diffId);
  });

  test('makes the adapter layer again after a change of one of its sources', async () => {
    const adapterEntry = join(folder, 'adapter.ts');
    const image = { id: 'sha256:1', platform: 'linux/amd64', layers: () => layersOf(debian(), node()) };
    const adapterOf = async (source: string): Promise<string> => {
      await writeFile(adapterEntry, source);
      const { adapter } = await prepareLayers(image, { cacheFolder: join(folder, 'changing'), adapterEntry });
      const entries = await unpackTar(await readFile(adapter.file));
      const main = entries.find(({ header }) => header.name === 'modelwhisk/adapter/main.cjs');
      return new TextDecoder().decode(main?.data);
    };
    expect(await adapterOf('console.log(1)')).toContain('console.log(1)');
    expect(await adapterOf('console.log(2)')).toContain('console.log(2)');
  });
});
