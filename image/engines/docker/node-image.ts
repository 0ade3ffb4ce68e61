import { execa } from 'execa';
import type { Environment } from '../../../core/settings.ts';
import type { NodeImage } from '../../layers/layers.ts';
import { dockerEnvironment, type Docker } from './command.ts';
import type { LocalImage } from './image.ts';

/** Reads a Node image's file system out of the engine, through a container that is made for it and never started. */
export function exportedNodeImage(
  docker: Docker,
  image: LocalImage,
  platform: string,
  environment: Environment,
): NodeImage {
  return {
    id: image.id,
    platform,
    async *layers() {
      const container = (await docker(['create', '--platform', platform, image.name, 'node'])).trim();
      try {
        const exporting = execa('docker', ['export', container], {
          env: dockerEnvironment(environment),
          extendEnv: false,
          buffer: { stdout: false },
        });
        try {
          yield ReadableStream.from<Uint8Array>(exporting.stdout);
          await exporting;
        } finally {
          // The reader may stop before the end, for example because the disk is full.
          exporting.kill();
          await exporting.catch(() => undefined);
        }
      } finally {
        await docker(['rm', container]);
      }
    },
  };
}
