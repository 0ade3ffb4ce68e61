import { setMaxListeners } from 'node:events';

import { ModelwhiskError } from '../../../core/errors.ts';
import { shortReference } from '../../../core/reference.ts';
import type { Image } from '../../registry/image.ts';
import { oci } from '../../registry/media-types.ts';
import type { Registries } from '../../registry/registries.ts';
import { adapterImageLabels } from '../adapter-image.ts';
import type { AdapterRequest, AdapterResult } from '../engine.ts';
import type { LayerHomes } from './mount-sources.ts';
import { pushImage } from './push-image.ts';
import { extendImage, type LayerBlob } from './wrap-image.ts';

export interface AdapterPush {
  readonly registries: Registries;
  readonly homes: LayerHomes;
  /** Bottom one first. */
  readonly layers: readonly LayerBlob[];
}

/** Pushes an image of nothing but the adapter's layers. Models that are built later mount them from there. */
export async function pushAdapter(
  { target: name, platform, signal: outer, progress }: AdapterRequest,
  { registries, homes, layers }: AdapterPush,
): Promise<AdapterResult> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  setMaxListeners(0, signal);
  try {
    const { source, target } = await registries.open(name, name, { push: true, signal });
    const runConfig = { Labels: adapterImageLabels };
    const image = extendImage(emptyImage(platform), { runConfig, layers, annotations: adapterImageLabels });
    if ((await target.manifestDigest(name.tag)) === image.digest) {
      progress('is up to date, nothing to send');
      return { digest: image.digest, bytes: { pushed: 0, mounted: 0, copied: 0 } };
    }
    const placement = {
      allowCopy: false,
      refusedMounts: new Set<string>(),
      progress,
      abort: (reason: unknown) => stop.abort(reason),
    };
    const bytes = await pushImage({
      image,
      baseLayers: [],
      layers,
      source,
      target,
      tag: name.tag,
      homes,
      ...placement,
    });
    return { digest: image.digest, bytes };
  } catch (cause) {
    if (!outer.aborted) throw cause;
    throw new ModelwhiskError('INTERRUPTED', `interrupted before ${shortReference(name)} was changed`, { cause });
  }
}

/** What `FROM scratch` is: no layer, and nothing to run. */
export function emptyImage(platform: string): Image {
  const [os = '', architecture = ''] = platform.split('/');
  const config = { mediaType: oci.config, digest: '', size: 0 };
  return {
    digest: '',
    referenceDigest: '',
    mediaType: oci.manifest,
    manifest: { schemaVersion: 2, mediaType: oci.manifest, config, layers: [] },
    config: { architecture, os, config: {}, rootfs: { type: 'layers', diff_ids: [] } },
  };
}
