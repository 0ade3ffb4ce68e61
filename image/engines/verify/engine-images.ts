import { join } from 'node:path';
import { withWorkFolder } from '../../layers/work-folder.ts';
import type { Image } from '../../registry/image.ts';
import { oci } from '../../registry/media-types.ts';
import type { Docker } from '../docker/command.ts';
import { findImage } from '../docker/image.ts';
import { dockerArchiveImage } from './docker-archive-image.ts';
import type { StoredImage } from './stored-image.ts';

export interface EngineAccess {
  readonly docker: Docker;
  readonly cacheFolder: string;
  readonly platform: string;
  readonly signal: AbortSignal;
}

/** Calls `use` with an image of the Docker engine, which is in the cache meanwhile. */
export async function withEngineImage<T>(
  name: string,
  { docker, cacheFolder, platform, signal }: EngineAccess,
  use: (image: StoredImage) => Promise<T>,
): Promise<T> {
  return withWorkFolder(cacheFolder, async (folder) => {
    const file = join(folder, 'image.tar');
    await docker(['image', 'save', '--output', file, name], { signal });
    return use(await dockerArchiveImage(file, `docker-daemon:${name}`, platform));
  });
}

/** A base that only the Docker engine has. Its layers have no digest but that of their tars. */
export async function engineBase(name: string, { docker, platform, signal }: EngineAccess): Promise<Image> {
  const { os, architecture, diffIds, config } = await findImage(docker, name, platform, {
    signal,
    announce: () => undefined,
  });
  const blob = { mediaType: oci.layer, digest: '', size: 0 };
  return {
    digest: '',
    referenceDigest: undefined,
    mediaType: oci.manifest,
    manifest: {
      schemaVersion: 2,
      mediaType: oci.manifest,
      config: { ...blob, mediaType: oci.config },
      layers: diffIds.map(() => blob),
    },
    config: { os, architecture, config, rootfs: { type: 'layers', diff_ids: [...diffIds] } },
  };
}
