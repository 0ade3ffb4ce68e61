import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { getSystemErrorName } from 'node:util';

/** The program of image/layers/init/init.c, which stands between the adapter and a process that it starts. */
export interface Init {
  /** The command line that runs `argv` below it. @param background see ChildOptions */
  commandLine(argv: readonly string[], background: boolean): readonly string[];
}

/** From the bundle's folder, in an image and in dist/; from this one, in the sources. */
const places = ['../runtime/init', `../../../image/layers/init/${process.arch}`];

/** Undefined where there is none: on another system than Linux, or another processor. */
export const init: Init | undefined = findInit();

/**
 * Resolves once the process runs the program that it was started for.
 * Rejects with the error of the system call that failed, its `code` for example "ENOENT".
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
