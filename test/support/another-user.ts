import { chmod, mkdir } from 'node:fs/promises';
import type { Options } from 'execa';

const nobody = 65_534;

/** How to run a program as a user who may read a folder, but not write to it. */
export interface AnotherUser {
  /** Options for execa. */
  readonly run: Pick<Options, 'uid' | 'gid'>;
  readonly restore: () => Promise<void>;
}

/** @param own a folder, made here, that this user may write to */
export async function anotherUser(folder: string, own: string): Promise<AnotherUser> {
  await mkdir(own);
  await chmod(own, 0o777);
  // Root ignores modes, but can become another user.
  if (process.getuid?.() === 0) return { run: { uid: nobody, gid: nobody }, restore: async () => undefined };
  await chmod(folder, 0o555);
  return { run: {}, restore: async () => chmod(folder, 0o755) };
}
