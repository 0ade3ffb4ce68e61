import { join } from 'node:path';

import type { Progress } from '../../progress.ts';
import { parseConfiguration } from '../../../core/parse.ts';
import { containerConfig } from '../../container-config.ts';
import { wrapConfig } from '../wrap-config.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import { prepareLayers } from '../../layers/layers.ts';
import { announceImages, createAppender } from './append.ts';
import type { LayerBlob } from './wrap-image.ts';
import { compressLayer } from './compress.ts';
import { credentialsFromEnvironment } from '../../registry/credentials.ts';
import { manifestName, parseReference } from '../../../core/reference.ts';
import { once } from '../../once.ts';
import { platformOf, readImage } from '../../registry/image.ts';
import { LayerHomes } from './mount-sources.ts';
import { pushAdapter } from './push-adapter.ts';
import { registryNodeImage } from './node-image.ts';
import { checkOutput } from './save-image.ts';
import { Registries } from '../../registry/registries.ts';

/**
 * The engine that needs no Docker: reads the base image's manifest, mounts its layers and the adapter's into the target
 * repository and pushes a new manifest. Peak memory and bytes sent do not depend on the base's size.
 */
export function createRegistryEngine(options: EngineOptions): Engine {
  const registries = new Registries(options);
  const layers: Parameters<typeof adapterLayers>[2] = { ...options, registries };
  const homes = new LayerHomes(join(options.cacheFolder, 'layer-homes.json'));
  // Docker Hub counts each read as a pull, and an image may be read first to guess what it needs.
  const readBase = once(
    ({ fullName }, reference, platform) => `${fullName} ${manifestName(reference)} ${platform ?? ''}`,
    readImage,
  );
  // By its digest it is read only where its layer has not been made yet.
  const alsoRead = options.runtimeImage.includes('@') ? [] : [options.runtimeImage];
  return {
    name: 'registry',
    async check() {
      credentialsFromEnvironment(options.environment);
      if (options.output !== undefined) await checkOutput(options.output);
    },
    announce: async (images) => announceImages(images, { registries, homes, alsoRead }),
    async inspect({ image: name, platform, signal }) {
      const reference = parseReference(name);
      const { referenceDigest, config } = await readBase(
        registries.openForPull(reference, signal),
        reference,
        platform,
      );
      const setting = `configuration of ${name}`;
      return {
        name,
        digest: referenceDigest,
        platform: platformOf(config),
        diffIds: config.rootfs.diff_ids,
        config: parseConfiguration(containerConfig, config.config ?? {}, setting),
      };
    },
    build: createAppender({
      registries,
      allowCopy: options.allowCopy,
      configure: wrapConfig,
      readBase,
      homes,
      layers: async ({ platform, progress, signal }) => adapterLayers(platform, { progress, signal }, layers),
    }),
    async buildAdapter(request) {
      const made = await adapterLayers(request.platform, request, layers);
      return pushAdapter(request, { registries, homes, layers: made });
    },
  };
}

/** The runtime and the adapter layer, compressed; from the cache where they are in it. */
export async function adapterLayers(
  platform: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
  options: EngineOptions & { readonly registries: Registries },
): Promise<readonly LayerBlob[]> {
  const { registries, runtimeImage, cacheFolder } = options;
  const image = await registryNodeImage(registries, runtimeImage, platform, { progress, signal });
  const { runtime, adapter } = await prepareLayers(image, options, signal);
  return [
    await compressLayer(runtime, { cacheFolder, progress, signal, createdBy: 'modelwhisk: /modelwhisk/runtime' }),
    await compressLayer(adapter, { cacheFolder, progress, signal, createdBy: 'modelwhisk: /modelwhisk/adapter' }),
  ];
}
