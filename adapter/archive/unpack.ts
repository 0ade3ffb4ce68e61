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
 * Unpacks a tar, gzipped or not as its first bytes tell, into a folder that nobody else writes to.
 *
 * Rejects for what is no whole tar, for more than `maximumBytes` (headers and padding included), and for entries that
 * a model has no use for: absolute paths, "..", paths of Windows, links that lead out of the folder, through other
 * links as well (which modern-tar looks after), devices and FIFOs. What was unpacked until then stays in the folder.
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

/** Throws for an entry that is refused; true for all others. */
function checkEntry({ name, type = 'file', linkname = '' }: TarHeader): true {
  const entry = JSON.stringify(name);
  if (posix.isAbsolute(name)) throw new Error(`its entry ${entry} has an absolute path, which is refused`);
  if (name.split('/').includes('..')) throw new Error(`its entry ${entry} has ".." in its path, which is refused`);
  // modern-tar would make "/" of the one and take the other away.
  if (/\\|^[a-z]:/i.test(name)) throw new Error(`its entry ${entry} has a path of Windows, which is refused`);
  // modern-tar 0.8.6 never comes to an end there.
  if (type !== 'directory' && /^\.\/?$/.test(posix.normalize(name))) {
    throw new Error(`its entry ${entry} is a ${type} in the place of the whole, which is refused`);
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
