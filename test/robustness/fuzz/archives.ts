import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { packTar, type TarEntry } from 'modern-tar';
import { unpack } from '../../../adapter/archive/unpack.ts';
import { campaign, type Campaign } from './campaign.ts';

const maximumBytes = 200_000;

const names = fc.oneof(
  fc.constantFrom(
    'a',
    'a/',
    'a/b',
    'a/b/c',
    'b',
    './a',
    'a//b',
    '.',
    './',
    '',
    ' ',
    'a/.',
    'é/❄',
    'x'.repeat(150),
    `${'d/'.repeat(60)}x`,
  ),
  fc.constantFrom(
    '..',
    '../a',
    '/a',
    '/etc/passwd',
    'a/../../outside',
    'a/..',
    '..\\a',
    'C:\\a',
    '//a',
    'a\0b',
    '../outside/secret',
  ),
  fc.string({ maxLength: 20 }),
);

const entry: fc.Arbitrary<TarEntry> = fc
  .record({
    name: names,
    type: fc.constantFrom(
      'file', 'file', 'directory', 'symlink', 'symlink', 'link', 'link', 'fifo', 'character-device', 'pax-header', 'gnu-long-name',
    ), // prettier-ignore
    linkname: names,
    mode: fc.constantFrom(0o644, 0o755, 0o000, 0o4755, 0o6777, 0o1777),
    body: fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.constant(new Uint8Array(150_000))),
  })
  .map(({ body, type, ...header }) => {
    const content = type === 'file' ? body : new Uint8Array();
    return { header: { ...header, type: type as 'file', size: content.length }, body: content };
  });

/** Damage to the bytes of an archive: truncated, or one byte changed. */
const damages = fc.record({
  kept: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  changes: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 3,
  }),
  isDamaged: fc.boolean(),
  gzip: fc.boolean(),
});

/** The archive of a model that is kept outside its image. */
export const archiveCampaigns: readonly Campaign[] = [
  campaign(
    'whatever an archive holds, it is unpacked or refused with a reason, and nothing outside of its folder changes',
    () => ({
      inputs: fc.tuple(fc.array(entry, { maxLength: 6 }), damages),
      async check([entries, damage]) {
        const root = await mkdtemp(join(await realpath(tmpdir()), 'modelwhisk-fuzz-archive-'));
        const [file, folder, outside] = [join(root, 'archive'), join(root, 'model'), join(root, 'outside')];
        try {
          await Promise.all([mkdir(folder), mkdir(outside)]);
          await writeFile(join(outside, 'secret'), 'untouched');
          await writeFile(file, await archive(entries, damage));
          const signal = AbortSignal.timeout(5000);
          const refusal = await unpack(file, folder, maximumBytes, signal).catch((error: unknown) => error as Error);
          if (refusal !== undefined) assert.match(refusal.message, /\S/);
          assert.equal(signal.aborted, false, 'it takes more than 5 seconds');
          assert.deepEqual((await readdir(root)).toSorted(), ['archive', 'model', 'outside']);
          assert.deepEqual(await readdir(outside), ['secret']);
          assert.equal(await readFile(join(outside, 'secret'), 'utf8'), 'untouched');
          assert.equal((await lstat(join(outside, 'secret'))).nlink, 1);
          assert.ok((await unpacked(folder, folder)) <= maximumBytes);
        } finally {
          await rm(root, { recursive: true, maxRetries: 5 });
        }
      },
    }),
    200,
  ),
];

async function archive(entries: readonly TarEntry[], { kept, changes, isDamaged, gzip }: Damage): Promise<Buffer> {
  // Entries that cannot be packed, such as one with a name too long for a header, become an empty archive.
  const tar = Buffer.from(await packTar([...entries]).catch(() => new Uint8Array(1024)));
  const packed = gzip ? gzipSync(tar) : tar;
  if (!isDamaged) return packed;
  for (const [at, value] of changes) packed[Math.floor(at * packed.length)] = value;
  return packed.subarray(0, Math.ceil(kept * packed.length));
}

interface Damage {
  readonly kept: number;
  readonly changes: readonly (readonly [at: number, value: number])[];
  readonly isDamaged: boolean;
  readonly gzip: boolean;
}

/** Bytes of all files. Checks that every entry is a file, a folder or a link that stays inside. */
async function unpacked(path: string, root: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path)) {
    const each = join(path, name);
    const found = await lstat(each);
    assert.equal(found.mode & 0o7000, 0, `${name} has the mode ${found.mode.toString(8)}`);
    if (found.isSymbolicLink()) {
      const target = await realpath(each).catch(() => root);
      assert.ok(target === root || target.startsWith(root + sep), `${each} leads to ${target}`);
    } else if (found.isDirectory()) {
      await chmod(each, 0o755);
      bytes += await unpacked(each, root);
    } else {
      assert.ok(found.isFile());
      // A file with two names counts once.
      bytes += found.size / found.nlink;
    }
  }
  return bytes;
}
