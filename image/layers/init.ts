import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelwhiskError } from '../../core/errors.ts';
import type { LayerFile } from './layer-tar.ts';

export interface InitFile extends LayerFile {
  /** Path of the file on this machine. */
  readonly source: string;
}

/** Where an image has its process 1: init/init.c, compiled. */
export const initPath = 'modelwhisk/runtime/init';

/**
 * Process 1 of the images for a platform, and the licence of the C library in it.
 *
 * @param platform for example "linux/amd64" or "linux/arm64/v8"
 * @throws ModelwhiskError code `NO_INIT` where there is none for the platform
 */
export async function initFiles(platform: string): Promise<InitFile[]> {
  const [, architecture = ''] = platform.split('/');
  const program = programs.get(architecture);
  if (program === undefined) {
    throw new ModelwhiskError('NO_INIT', `there is no process 1 for ${platform}`, {
      hint: `choose a --platform of ${[...programs.keys()].join(', ')}`,
    });
  }
  return Promise.all([
    layerFile(initPath, join(folder, program), true),
    layerFile('modelwhisk/runtime/licences/musl', join(folder, 'musl-licence.txt'), false),
  ]);
}

const folder = join(import.meta.dirname, 'init');

/** Path of the program for the machine that this runs on, whether there is one or not. */
export const initOfThisMachine = join(folder, process.arch);

/** An architecture by Docker's name, and the program that init/build compiles for it. */
const programs = new Map([
  ['amd64', 'x64'],
  ['arm64', 'arm64'],
  ['ppc64le', 'ppc64'],
  ['s390x', 's390x'],
]);

async function layerFile(path: string, source: string, executable: boolean): Promise<InitFile> {
  const { size } = await stat(source);
  return { path, source, executable, size, open: () => createReadStream(source) };
}
