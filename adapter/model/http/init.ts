import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { getSystemErrorName } from 'node:util';

/** The init program (image/layers/init/init.c), which starts the model server for the adapter. */
export interface Init {
  /** The command line that runs `argv` under it. @param background see ChildOptions */
  commandLine(argv: readonly string[], background: boolean): readonly string[];
}

/** Relative to the bundle's folder (in an image and in dist/), and to this folder (in the sources). */
const places = ['../runtime/init', `../../../image/layers/init/${process.arch}`];

/** Undefined on systems other than Linux and on unsupported processors. */
export const init: Init | undefined = findInit();

/**
 * Resolves when the process runs its own program, after the init program.
 * Rejects with the error of the failed system call, whose `code` is for example "ENOENT".
 */
export async function whenRunning(child: ChildProcess): Promise<void> {
  await once(child, 'spawn');
  const status = child.stdio[3] as Readable | undefined;
  if (status === undefined || status === null) return;
  const bytes = await buffer(status);
  if (bytes.length < 4) return;
  const number = new Int32Array(new Uint8Array(bytes).buffer, 0, 1)[0] ?? 0;
  const code = getSystemErrorName(-number);
  throw Object.assign(new Error(code), { code });
}

function findInit(): Init | undefined {
  if (process.platform !== 'linux') return undefined;
  const path = places.map((place) => join(import.meta.dirname, place)).find((place) => existsSync(place));
  if (path === undefined) return undefined;
  return {
    commandLine: (argv, background) => [
      path,
      '--child-of',
      String(process.pid),
      ...(background ? ['--daemon'] : []),
      ...argv,
    ],
  };
}
