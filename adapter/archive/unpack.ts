import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { TarHeader } from 'modern-tar';
import { unpackTar } from 'modern-tar/fs';
import { limitTo } from './limit.ts';

/**
 * Unpacks a tar or a gzipped tar into a folder. No other process may write there meanwhile.
 *
 * Rejects for a damaged or incomplete tar; for more than `maximumBytes` (headers and padding included); and for
 * absolute paths, "..", Windows paths, devices, FIFOs and links that lead out of the folder, also through other links
 * (modern-tar checks these). It does not remove the entries unpacked before.
 */
export async function unpack(file: string, folder: string, maximumBytes: number, signal: AbortSignal): Promise<void> {
  const tooLarge = (): Error => new Error(`it unpacks to more than ${maximumBytes} bytes`);
  const decompress = (await isGzip(file)) ? createGunzip() : new PassThrough();
  await pipeline(
    createReadStream(file),
    decompress,
    limitTo(maximumBytes, tooLarge),
    unpackTar(folder, { strict: true, dmode: 0o755, filter: checkEntry }),
    { signal },
  );
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.readUInt16BE() === 0x1f_8b;
  } finally {
    await handle.close();
  }
}

/** Throws for a refused entry. */
function checkEntry({ name, type = 'file', linkname = '' }: TarHeader): true {
  const entry = JSON.stringify(name);
  if (posix.isAbsolute(name)) throw new Error(`its entry ${entry} has an absolute path, which is refused`);
  if (name.split('/').includes('..')) throw new Error(`its entry ${entry} has ".." in its path, which is refused`);
  // modern-tar would turn a backslash into "/" and remove a drive letter.
  if (/\\|^[a-z]:/i.test(name)) throw new Error(`its entry ${entry} has a Windows path, which is refused`);
  // modern-tar 0.8.6 never finishes for such an entry.
  if (type !== 'directory' && /^\.\/?$/.test(posix.normalize(name))) {
    throw new Error(`its entry ${entry} is a ${type} where the root folder must be, which is refused`);
  }
  switch (type) {
    case 'symlink':
      checkTarget(entry, linkname, posix.join(posix.dirname(name), linkname));
      return true;
    case 'link':
      checkTarget(entry, linkname, posix.normalize(linkname));
      return true;
    case 'character-device':
    case 'block-device':
    case 'fifo':
      throw new Error(`its entry ${entry} is a ${type}, which is refused`);
    case 'file':
    case 'directory':
    case 'pax-header':
    case 'pax-global-header':
    case 'gnu-long-name':
    case 'gnu-long-link-name':
      return true;
  }
}

/** @param target relative to the archive's root */
function checkTarget(entry: string, linkname: string, target: string): void {
  if (posix.isAbsolute(linkname) || target === '..' || target.startsWith('../')) {
    throw new Error(`its link ${entry} leads out of the archive, to ${JSON.stringify(linkname)}, which is refused`);
  }
}
