import { createReadStream, createWriteStream } from 'node:fs';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createTarDecoder, type TarHeader } from 'modern-tar';
import { ModelwhiskError } from '../../core/errors.ts';
import type { LayerFile } from './layer-tar.ts';

/**
 * The image that the runtime layer is made from: Node.js 24.18.0 on Debian 12, by the digest of its index, so that
 * every machine makes the same layer. Another one must be made of Debian or Ubuntu packages too.
 */
export const RUNTIME_IMAGE =
  'docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d';

/** Increase it when the files below or their places change. Cached layers are then made again. */
export const runtimeLayout = 2;

/**
 * Picks what Node.js needs to run on any base image, whatever C library that has: Node itself, the loader and the
 * libraries it is linked against, and their licences.
 *
 * @param layers the uncompressed tars of the Node image's file system, bottom layer first
 * @param scratch folder that the bytes are kept in; it must stay as long as the result is used
 * @throws ModelwhiskError code `RUNTIME_IMAGE` when the image lacks one of them
 */
export async function runtimeFiles(
  layers: AsyncIterable<ReadableStream<Uint8Array>>,
  scratch: string,
  signal?: AbortSignal,
): Promise<LayerFile[]> {
  const entries = new Map<string, Entry>();
  let count = 0;
  for await (const layer of layers) {
    for await (const { header, body } of layer.pipeThrough(createTarDecoder())) {
      signal?.throwIfAborted();
      const path = imagePath(header.name);
      const hidden = whiteout.exec(path);
      if (hidden !== null) entries.delete(`${hidden[1] ?? ''}${hidden[2] ?? ''}`);
      if (!candidates.test(path)) {
        // It is not cancelled, as that would cancel the next one if it has begun (modern-tar 0.8.6).
        await body.pipeTo(new WritableStream());
        continue;
      }
      const file = join(scratch, String(count++));
      await pipeline(body, createWriteStream(file), { signal });
      entries.set(path, { header, file });
    }
  }
  return selections.flatMap((selection) => select(selection, entries));
}

/** An entry of a tar, its bytes in a file: Node.js alone has more than 100 MB. */
interface Entry {
  readonly header: TarHeader;
  readonly file: string;
}

interface Selection {
  /** What it selects, for messages: "the image has no …". */
  readonly name: string;
  /** Matched against paths without the leading slash, with /lib spelt /usr/lib as on Debian since 2023. */
  readonly source: RegExp;
  /** Where matches go, as for String.replace. */
  readonly target: string;
  readonly executable?: boolean;
  /** Some libraries became part of the C library itself in glibc 2.34, or are needed by newer releases of Node only. */
  readonly optional?: boolean;
}

const libraryFolder = String.raw`^usr/lib(?:64)?/(?:[\w-]+-linux-gnu\w*/)?`;

const selections: readonly Selection[] = [
  {
    name: '/usr/local/bin/node',
    source: /^usr\/local\/bin\/node$/,
    target: 'modelwhisk/runtime/node',
    executable: true,
  },
  {
    name: 'dynamic linker of glibc (ld-linux-*.so)',
    source: new RegExp(String.raw`${libraryFolder}ld-linux-[\w-]+\.so\.\d$`),
    target: 'modelwhisk/runtime/lib/ld.so',
    executable: true,
  },
  ...['libc.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libstdc++.so.6'].map((name) => library(name)),
  ...[
    'libatomic.so.1',
    'libdl.so.2',
    'libnss_dns.so.2',
    'libnss_files.so.2',
    'libpthread.so.0',
    'libresolv.so.2',
    'librt.so.1',
  ].map((name) => ({ ...library(name), optional: true })),
  { name: '/usr/local/LICENSE', source: /^usr\/local\/LICENSE$/, target: 'modelwhisk/runtime/licences/node' },
  {
    name: 'licence of the C library',
    source: /^usr\/share\/doc\/(libc6|gcc-\d+-base)\/copyright$/,
    target: 'modelwhisk/runtime/licences/$1',
    optional: true,
  },
  {
    name: 'common licences',
    source: /^usr\/share\/common-licenses\/(L?GPL-[\d.]+)$/,
    target: 'modelwhisk/runtime/licences/$1',
    optional: true,
  },
];

function library(name: string): Selection {
  const pattern = name.replaceAll(/[.+]/g, String.raw`\$&`);
  return { name, source: new RegExp(`${libraryFolder}${pattern}$`), target: `modelwhisk/runtime/lib/${name}` };
}

function select(
  { name, source, target, executable = false, optional = false }: Selection,
  entries: Entries,
): LayerFile[] {
  const files = new Map<string, LayerFile>();
  for (const path of entries.keys()) {
    const entry = source.test(path) ? resolveLinks(path, entries) : undefined;
    if (entry === undefined) continue;
    const { header, file } = entry;
    const to = path.replace(source, target);
    files.set(to, { path: to, executable, size: header.size, open: () => createReadStream(file) });
  }
  if (files.size === 0 && !optional) {
    throw new ModelwhiskError('RUNTIME_IMAGE', `the image for the runtime layer has no ${name}`, {
      hint: 'use an image of Node.js made from Debian or Ubuntu packages, for example node:24-bookworm-slim',
    });
  }
  return [...files.values()];
}

type Entries = ReadonlyMap<string, Entry>;

/** What is at a path, through symbolic and hard links. */
function resolveLinks(path: string, entries: Entries, depth = 0): Entry | undefined {
  const entry = entries.get(path);
  if (entry === undefined || depth > 8) return undefined;
  const { type = 'file', linkname = '' } = entry.header;
  if (type === 'symlink') {
    return resolveLinks(imagePath(posix.resolve('/', posix.dirname(path), linkname)), entries, depth + 1);
  }
  if (type === 'link') return resolveLinks(imagePath(linkname), entries, depth + 1);
  return type === 'file' ? entry : undefined;
}

/** Everything that a selection can match or reach through a link. */
const candidates =
  /^usr\/(?:local\/(?:bin\/node|LICENSE)$|share\/(?:common-licenses\/|doc\/(?:libc6|gcc-\d+-base)\/copyright$)|lib(?:64)?\/(?:[\w-]+\/)?(?:ld-|lib(?:atomic|c|dl|gcc_s|m|nss_dns|nss_files|pthread|resolv|rt|stdc\+\+)[.-])[^/]*$)/;
const whiteout = /^(.*\/)\.wh\.([^/]+)$/;

/** A tar entry's or link's name as a path from the root: no "./", and /lib as the link to /usr/lib that it is. */
function imagePath(name: string): string {
  return posix
    .normalize(`/${name}`)
    .slice(1)
    .replace(/^lib(64)?\//, 'usr/lib$1/');
}
