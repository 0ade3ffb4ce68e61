import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { createTarDecoder, type TarHeader } from 'modern-tar';

/** One entry of a layer, without what does not matter: Docker sets some of the times anew. */
export interface TarEntry {
  /** From the image's root, without "./" and a slash at the end. */
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  /** "UID:GID" */
  readonly owner: string;
  /** Where a link leads; "" for what is no link. */
  readonly target: string;
  /** Extended attributes, such as capabilities, and whatever else is in its extended header. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Digest of its bytes. */
  readonly content: string;
}

/** Reads the entries of a tar to its end. Memory does not depend on their size. */
export async function readEntries(tar: AsyncIterable<Uint8Array>): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  const decoder = createTarDecoder({ strict: true });
  for await (const { header, body } of ReadableStream.from(tar).pipeThrough(decoder)) {
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk);
    entries.push(entryOf(header, hash.digest('hex')));
  }
  return entries;
}

/** The differences between two layers, a few words for each entry; empty if they hold the same. */
export function entryDifferences(actual: readonly TarEntry[], expected: readonly TarEntry[]): readonly string[] {
  const [found, wanted] = [byPath(actual), byPath(expected)];
  return [...new Set([...found.keys(), ...wanted.keys()])].flatMap((path) =>
    differencesAt(path, found.get(path) ?? [], wanted.get(path)?.[0]),
  );
}

function entryOf(header: TarHeader, content: string): TarEntry {
  const { name, type = 'file', mode = 0, uid = 0, gid = 0, linkname = '', pax = {} } = header;
  const attributes = Object.entries(pax).filter(([key]) => !inHeader.has(key));
  return {
    path: posix.normalize(`/${name}`).slice(1).replace(/\/$/, ''),
    type,
    mode: mode & 0o7777,
    owner: `${uid}:${gid}`,
    target: type === 'link' || type === 'symlink' ? linkname : '',
    attributes: Object.fromEntries(attributes),
    content,
  };
}

/** Keys of an extended header that the plain one has, too, and times. */
const inHeader = new Set(['path', 'linkpath', 'size', 'uid', 'gid', 'uname', 'gname', 'mtime', 'atime', 'ctime']);

function byPath(entries: readonly TarEntry[]): ReadonlyMap<string, readonly TarEntry[]> {
  const found = new Map<string, TarEntry[]>();
  for (const entry of entries) found.set(entry.path, [...(found.get(entry.path) ?? []), entry]);
  return found;
}

function differencesAt(
  path: string,
  [actual, ...more]: readonly TarEntry[],
  expected: TarEntry | undefined,
): readonly string[] {
  if (actual === undefined) return [`${path} is missing`];
  if (expected === undefined) return [`${path} is one too many`];
  // The last of them would be the one that a container sees.
  if (more.length > 0) return [`${path} is there ${more.length + 1} times`];
  return (Object.keys(partNames) as (keyof typeof partNames)[])
    .filter((part) => JSON.stringify(actual[part]) !== JSON.stringify(expected[part]))
    .map((part) => `${path} has ${partNames[part]}`);
}

const partNames = {
  type: 'another type',
  mode: 'another mode',
  owner: 'another owner',
  target: 'another target',
  attributes: 'other attributes',
  content: 'other bytes',
} as const;
