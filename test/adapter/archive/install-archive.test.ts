import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { installArchive } from '../../../adapter/archive/install-archive.ts';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';

const served = new Map<string, Buffer>();
let server: Server;
let host: string;
let requests: string[];
let folder: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const path = (request.url ?? '').replace(/\?.*/, '');
    const body = served.get(path.replace('/cut-short', '').replace('/chunked', ''));
    if (body === undefined) response.writeHead(404).end();
    else if (path.startsWith('/cut-short')) {
      response.setHeader('content-length', body.length).write(body.subarray(0, 100), () => response.destroy());
    } else if (path.startsWith('/chunked')) {
      response.write(body.subarray(0, 100));
      response.end(body.subarray(100));
    } else response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});
beforeEach(async () => {
  requests = [];
  folder = await mkdtemp(join(tmpdir(), 'place-test-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const file = (name: string, body = 'seven', mode = 0o644): TarEntry => ({
  header: { name, size: Buffer.byteLength(body), mode, mtime: new Date(0) },
  body,
});
const entry = (name: string, type: TarEntry['header']['type'], linkname?: string): TarEntry => ({
  header: { name, size: 0, mtime: new Date(0), ...(type && { type }), ...(linkname !== undefined && { linkname }) },
});
const tar = async (...entries: TarEntry[]): Promise<Buffer> => Buffer.from(await packTar(entries));

async function plantFiles(installed: string): Promise<void> {
  await mkdir(join(installed, 'files'), { recursive: true });
  await writeFile(join(installed, 'files', 'a'), 'planted');
  await writeFile(join(installed, 'files.json'), '{}');
}

/** Serves the bytes and places them as an archive. */
async function place(
  bytes: Buffer,
  options: { path?: string; sha256?: string; maximumBytes?: number; allow?: string } = {},
): Promise<string> {
  served.set('/model.tar', bytes);
  const archive = {
    url: `http://${host}${options.path ?? '/model.tar'}`,
    sha256: options.sha256 ?? sha256(bytes),
    variable: 'MODEL_DIR',
    maximumBytes: options.maximumBytes ?? 2 ** 31,
  };
  const policy = parseFetchPolicy({ MODELWHISK_FETCH_ALLOW_HOSTS: options.allow ?? host });
  return installArchive(archive, policy, new AbortController().signal);
}

describe('installArchive', () => {
  test.each<[kind: string, pack: (bytes: Buffer) => Buffer]>([
    ['a tar', (bytes) => bytes],
    ['a gzipped tar', (bytes) => gzipSync(bytes)],
  ])('unpacks %s, with modes and links that stay inside', async (_kind, pack) => {
    const bytes = await tar(
      entry('model/', 'directory'),
      file('model/weights.txt'),
      file('model/run.sh', '#!/bin/sh', 0o755),
      entry('model/current.txt', 'symlink', '../model/weights.txt'),
      entry('model/same.txt', 'link', 'model/weights.txt'),
    );
    const directory = await place(pack(bytes));
    const names = ['weights.txt', 'current.txt', 'same.txt'];
    const contents = names.map(async (name) => readFile(join(directory, 'model', name), 'utf8'));
    expect(await Promise.all(contents)).toEqual(['seven', 'seven', 'seven']);
    expect((await stat(join(directory, 'model', 'run.sh'))).mode & 0o777).toBe(0o755);
  });

  test('fetches once per container, and leaves only the directory', async () => {
    const bytes = await tar(file('a'));
    const first = await place(bytes);
    expect(await place(bytes, { sha256: sha256(bytes).toUpperCase() })).toBe(first);
    expect(requests).toHaveLength(1);
    expect((await readdir(folder)).map((name) => join(folder, name))).toEqual([dirname(first)]);
  });

  test('three that start at once in the same /tmp all get it, and leave it once', async () => {
    const bytes = await tar(file('a'));
    const directories = await Promise.all([place(bytes), place(bytes), place(bytes)]);
    for (const directory of directories) expect(await readFile(join(directory, 'a'), 'utf8')).toBe('seven');
    expect(new Set(directories).size).toBe(1);
    expect(await readdir(folder)).toHaveLength(1);
  });

  test('a file that the model server has added is not a change', async () => {
    const bytes = await tar(file('a'));
    const first = await place(bytes);
    await writeFile(join(first, 'cache'), '');
    expect([await place(bytes), requests.length]).toEqual([first, 1]);
  });

  test.each<[what: string, plant: (installed: string) => Promise<unknown>]>([
    ['a folder with other files', async (installed) => plantFiles(installed)],
    [
      'an installed archive of which a file was changed',
      async (installed) => writeFile(join(await place(await tar(file('a'))), 'a'), 'eight').then(() => installed),
    ],
    [
      'a copy of an installed archive with another file',
      async (installed) => {
        await place(await tar(file('a')));
        await cp(installed, `${installed}-copy`, { recursive: true });
        await rm(installed, { recursive: true });
        await cp(`${installed}-copy`, installed, { recursive: true });
        await writeFile(join(installed, 'files', 'a'), 'eight');
      },
    ],
    [
      'a folder that others may write to',
      async (installed) => {
        await place(await tar(file('a')));
        await chmod(installed, 0o777);
      },
    ],
    [
      'a link',
      async (installed) => {
        await plantFiles(`${installed}-elsewhere`);
        await symlink(`${installed}-elsewhere`, installed);
      },
    ],
    ['a file', async (installed) => writeFile(installed, 'planted')],
  ])('%s in its place is not used, and left alone', async (_what, plant) => {
    const bytes = await tar(file('a'));
    const installed = join(folder, `modelwhisk-archive-${sha256(bytes)}`);
    await plant(installed);
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const directory = await place(bytes);
    expect(directory.startsWith(`${installed}/`)).toBe(false);
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('seven');
    expect(await readdir(folder)).toContain(basename(installed));
    expect(said).toHaveBeenCalledWith(expect.stringContaining(`${installed} is not what an adapter has unpacked`));
    said.mockRestore();
  });

  test.each<[kind: string, entries: TarEntry[], message: RegExp]>([
    ['an absolute path', [file('/etc/passwd')], /"\/etc\/passwd" has an absolute path/],
    ['".." in a path', [file('a/../../b')], /"a\/..\/..\/b" has ".." in its path/],
    [
      'an absolute link',
      [entry('a', 'symlink', '/etc/passwd')],
      /link "a" leads out of the archive, to "\/etc\/passwd"/,
    ],
    ['a link out', [entry('a/b', 'symlink', '../../c')], /link "a\/b" leads out of the archive, to "..\/..\/c"/],
    ['a link to the folder above', [entry('a', 'symlink', '..')], /link "a" leads out of the archive, to ".."/],
    [
      'a link out through another',
      [entry('a/', 'directory'), entry('a/top', 'symlink', '..'), entry('out', 'symlink', 'a/top/..')],
      /points outside the extraction directory/,
    ],
    [
      'a file through such links',
      [
        entry('a/', 'directory'),
        entry('a/top', 'symlink', '..'),
        entry('out', 'symlink', 'a/top/..'),
        file('out/escaped'),
      ],
      /outside the extraction directory/,
    ],
    ['an absolute hard link', [entry('a', 'link', '/etc/passwd')], /link "a" leads out of the archive/],
    ['a hard link out', [entry('a', 'link', '../b')], /link "a" leads out of the archive, to "..\/b"/],
    ['a link instead of the root folder', [entry('./', 'link', 'a')], /".\/" is a link where the root folder must be/],
    ['a file instead of the root folder', [file('.')], /"." is a file where the root folder must be/],
    ['a file without a name', [file('')], /"" is a file where the root folder must be/],
    ['a backslash in a path', [file('a\\b')], /"a\\\\b" has a Windows path/],
    ['a drive in a path', [file('C:')], /"C:" has a Windows path/],
    ['a character device', [entry('tty', 'character-device')], /"tty" is a character-device/],
    ['a block device', [entry('sda', 'block-device')], /"sda" is a block-device/],
    ['a FIFO', [entry('pipe', 'fifo')], /"pipe" is a fifo/],
  ])('%s is refused by name, and nothing is left', async (_kind, entries, message) => {
    await expect(place(await tar(file('first'), ...entries))).rejects.toMatchObject({
      name: 'ModelServerError',
      code: 'MODEL_START',
      message: expect.stringMatching(message) as string,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each<[kind: string, bytes: () => Promise<Buffer>, options: Parameters<typeof place>[1], message: RegExp]>([
    [
      'another SHA-256 than expected',
      async () => tar(file('a')),
      { sha256: '0'.repeat(64), path: '/model.tar?signature=secret' },
      /\/model\.tar\?… has the SHA-256 [0-9a-f]{64}; expected 0{64}$/,
    ],
    ['an announced size past the limit', async () => tar(file('a')), { maximumBytes: 1000 }, /larger than 1000 bytes$/],
    [
      'a size past the limit',
      async () => tar(file('a')),
      { maximumBytes: 1000, path: '/chunked/model.tar' },
      /larger than 1000 bytes$/,
    ],
    [
      'more inside than the limit',
      async () => gzipSync(await tar(file('a', '0'.repeat(100_000)))),
      { maximumBytes: 50_000 },
      /cannot be unpacked: it unpacks to more than 50000 bytes$/,
    ],
    ['a reply that breaks off', async () => tar(file('a')), { path: '/cut-short/model.tar' }, /could not be fetched/],
    [
      'a tar that breaks off',
      async () => (await tar(file('a', '0'.repeat(10_000)))).subarray(0, 5000),
      {},
      /cannot be unpacked: .*truncated/i,
    ],
    [
      'gzip that breaks off',
      async () => gzipSync(await tar(file('a'))).subarray(0, -20),
      {},
      /cannot be unpacked: unexpected end of file$/,
    ],
    ['no tar', () => Promise.resolve(Buffer.alloc(2000, 'seven')), {}, /cannot be unpacked: /],
    ['nothing', () => Promise.resolve(Buffer.alloc(0)), {}, /cannot be unpacked: /],
    ['nothing there', async () => tar(file('a')), { path: '/missing?key=secret' }, /\/missing\?… answered 404/],
    ['http from a host not allowed', async () => tar(file('a')), { allow: '' }, /is refused: expected https$/],
  ])('%s is a MODEL_START that shows no query, and nothing is left', async (_kind, bytes, options, message) => {
    const error: unknown = await place(await bytes(), options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ModelServerError',
      code: 'MODEL_START',
      message: expect.stringMatching(message) as string,
    });
    expect((error as Error).message).not.toContain('secret');
    expect(await readdir(folder)).toEqual([]);
  });
});
