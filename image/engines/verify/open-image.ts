import { ModelwhiskError } from '../../../core/errors.ts';
import { parseReference } from '../../../core/reference.ts';
import type { Environment } from '../../../core/settings.ts';
import { readNamedImage, type Image } from '../../registry/image.ts';
import type { Registries } from '../../registry/registries.ts';
import { dockerArchiveImage } from './docker-archive-image.ts';
import type { EngineAccess } from './engine-images.ts';
import type { ImagePlace } from './image-place.ts';
import { ociLayoutImage } from './oci-layout-image.ts';
import type { NamedBase } from '../origin.ts';
import { registryImage } from './registry-image.ts';
import type { StoredImage } from './stored-image.ts';

export interface ImageAccess extends Omit<EngineAccess, 'docker'> {
  readonly registries: Registries;
  readonly environment: Environment;
}

/** Calls `use` with an image, wherever it is kept. */
export async function withStoredImage<T>(
  place: ImagePlace,
  access: ImageAccess,
  use: (image: StoredImage) => Promise<T>,
): Promise<T> {
  const { registries, platform } = access;
  switch (place.kind) {
    case 'registry':
      return use(await registryImage(registries, place.name, access));
    case 'oci':
      return use(await ociLayoutImage(place.path, place.name, platform));
    case 'docker-archive':
      return use(await dockerArchiveImage(place.path, `docker-archive:${place.path}`, platform));
    case 'docker-daemon': {
      const { withEngineImage } = await import('./engine-images.ts');
      return withEngineImage(place.name, await withDocker(access), use);
    }
  }
}

/**
 * Reads the base that an image names: from its registry, or from the Docker engine if it was in no registry.
 *
 * @throws ModelwhiskError code `VERIFY` where only an engine can have it and none here has
 */
export async function readBase({ name, digest }: NamedBase, access: ImageAccess): Promise<Image> {
  if (digest !== undefined) {
    const { registry, repository } = parseReference(name);
    return readNamedImage(access.registries, `${registry}/${repository}@${digest}`, access);
  }
  const { engineBase } = await import('./engine-images.ts');
  try {
    return await engineBase(name, await withDocker(access));
  } catch (cause) {
    throw new ModelwhiskError('VERIFY', `the base ${name} was in no registry, and no Docker engine here has it`, {
      hint: 'verify it where it was built, or push the base and build it anew',
      cause,
    });
  }
}

/** Loaded only where it is used: execa alone takes a tenth of a second. */
async function withDocker(access: ImageAccess): Promise<EngineAccess> {
  const { dockerCommand } = await import('../docker/command.ts');
  return { ...access, docker: dockerCommand(access.environment) };
}
