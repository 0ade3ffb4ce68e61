import { Readable } from 'node:stream';

import type { AssembledImage, LayerBlob } from './wrap-image.ts';
import { RegistryError } from '../../registry/errors.ts';
import type { LayerHomes } from './mount-sources.ts';
import type { Descriptor } from '../../registry/manifest.ts';
import { isForeignLayer } from '../../registry/media-types.ts';
import { Gate } from '../../gate.ts';
import { inParallel } from '../../parallel.ts';
import { placeBlobs, sendBlob, type PlacementOptions, type Traffic, type WantedBlob } from './place-blobs.ts';
import type { Repository } from '../../registry/repository.ts';

export interface ImagePush extends Omit<PlacementOptions, 'begin'> {
  readonly image: AssembledImage;
  /** The layers of the base image, in `source`. */
  readonly baseLayers: readonly Descriptor[];
  readonly layers: readonly LayerBlob[];
  readonly source: Repository;
  readonly target: Repository;
  readonly tag: string;
  readonly homes: LayerHomes;
}

/**
 * Brings every blob of an image to the target repository, and its manifest last: only then does the image change for
 * others.
 */
export async function pushImage(push: ImagePush): Promise<Traffic> {
  const { image, baseLayers, layers, present, source, target, tag, homes } = push;
  const base = baseLayers.flatMap((layer) => remoteBlob(layer, source, target));
  const config = localBlob(image.config, () => Readable.from([image.config.bytes]));
  const ours = layers.map((layer) => localBlob(layer, layer.open));
  const sending = new Gate();
  const begin = (): void => sending.open();
  const traffic = await inParallel(
    [
      async () =>
        homes
          .place(target.registry.name, target.name, async (mountFrom) =>
            placeBlobs(
              target,
              ours.map((blob) => ({ ...blob, mountFrom })),
              { ...push, begin },
            ),
          )
          .finally(begin),
      async () => {
        // The longest upload goes first: it would have to wait for a registry that is busy with mounts.
        if (present !== undefined) await sending.opened;
        return placeBlobs(target, base, push);
      },
      async () => {
        await sendBlob(target, config);
        return { pushed: config.size, mounted: 0, copied: 0 };
      },
    ],
    3,
    async (part) => part(),
    push.abort,
  );
  const resent = await pushManifest(target, tag, image, [...base, ...ours, config]);
  return [...traffic, resent].reduce(sumOf);
}

/**
 * Pushes a manifest whose blobs are all in place. If the registry reports some as missing (as it only claimed to have
 * mounted them), sends them, and the manifest again.
 */
export async function pushManifest(
  target: Repository,
  name: string,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Uint8Array },
  blobs: readonly WantedBlob[],
): Promise<Traffic> {
  try {
    await target.writeManifest(name, mediaType, bytes);
    return { pushed: bytes.length, mounted: 0, copied: 0 };
  } catch (error) {
    const unknown = error instanceof RegistryError ? error.digests : [];
    const missing = blobs.filter(({ digest }) => unknown.includes(digest));
    if (missing.length === 0) throw error;
    for (const blob of missing) await sendBlob(target, blob);
    await target.writeManifest(name, mediaType, bytes);
    const size = (remote: boolean): number =>
      missing.filter((blob) => blob.remote === remote).reduce((sum, blob) => sum + blob.size, 0);
    return { pushed: size(false) + 2 * bytes.length, mounted: 0, copied: size(true) };
  }
}

/** A blob of another repository; none for layers that may not be distributed, which stay where their `urls` say. */
export function remoteBlob(descriptor: Descriptor, source: Repository, target: Repository): WantedBlob[] {
  if (isForeignLayer(descriptor.mediaType)) return [];
  const { digest, size } = descriptor;
  const mountFrom = source.registry === target.registry ? source.name : undefined;
  return [{ digest, size, mountFrom, remote: true, open: async () => source.openBlob(descriptor) }];
}

export function sumOf(a: Traffic, b: Traffic): Traffic {
  return { pushed: a.pushed + b.pushed, mounted: a.mounted + b.mounted, copied: a.copied + b.copied };
}

function localBlob({ digest, size }: { digest: string; size: number }, open: WantedBlob['open']): WantedBlob {
  return { digest, size, mountFrom: undefined, remote: false, open };
}
