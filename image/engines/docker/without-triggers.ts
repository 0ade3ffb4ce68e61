import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ModelwhiskError } from '../../../core/errors.ts';
import type { Docker } from './command.ts';
import { findImage, type LocalImage } from './image.ts';

/**
 * Calls `use` with the name of an image like `image`, but without its ONBUILD instructions: a Dockerfile that begins
 * with it runs none of them. The image has the same layers and a name of its own, which is gone afterwards.
 */
export async function withoutTriggers<T>(
  docker: Docker,
  image: LocalImage,
  platform: string,
  use: (name: string) => Promise<T>,
): Promise<T> {
  if (!image.config.OnBuild?.length) return use(image.name);
  const name = `modelwhisk-base:${randomUUID()}`;
  // It is never started, but Docker requires a command. The Dockerfile sets another one.
  const container = (await docker(['create', '--platform', platform, image.name, 'none'])).trim();
  try {
    await docker(['commit', container, name]);
  } finally {
    await docker(['rm', '--volumes', container]);
  }
  try {
    const { config } = await findImage(docker, name, platform, { announce: () => undefined });
    if (!isDeepStrictEqual(config.Env ?? [], image.config.Env ?? [])) {
      throw new ModelwhiskError('DOCKER', `docker puts variables of its own into ${image.name}, such as proxies`, {
        hint: 'use --engine registry, which does not, or take "proxies" out of Docker\'s config.json',
      });
    }
    return await use(name);
  } finally {
    await docker(['image', 'rm', name]);
  }
}
