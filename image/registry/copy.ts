import { parseManifest } from './manifest.ts';
import { placeBlobs, type PlacementOptions, type Traffic } from './place-blobs.ts';
import { pushManifest, remoteBlob, sumOf } from './push-image.ts';
import { manifestName, parseReference, parseTarget } from './reference.ts';
import type { Registries } from './registries.ts';
import type { RawManifest, Repository } from './repository.ts';

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  /** Copy more than 100 MB within a registry that refuses to mount. Default false. */
  readonly allowCopy?: boolean | undefined;
}

export interface CopyResult {
  /** Digest of source and target alike. */
  readonly digest: string;
  readonly bytes: Traffic;
}

/**
 * Copies an image, or an index with all that it lists, to another repository, byte for byte: the digest stays. Blobs
 * go from registry to registry without touching the disk; within one they are mounted.
 *
 * @param from reference of the image, with tag or digest
 * @param to reference of the copy, with tag
 */
export async function copyImage(
  registries: Registries,
  from: string,
  to: string,
  { signal: outer, progress, allowCopy = false }: CopyOptions,
): Promise<CopyResult> {
  const reference = parseReference(from);
  const { tag, ...destination } = parseTarget(to);
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const { source, target } = registries.open(reference, destination, { push: true, signal });
  const [raw, current] = await Promise.all([source.readManifest(manifestName(reference)), target.manifestDigest(tag)]);
  const nothing: Traffic = { pushed: 0, mounted: 0, copied: 0 };
  if (current === raw.digest) {
    progress(`${to} is up to date, nothing to send`);
    return { digest: raw.digest, bytes: nothing };
  }
  const abort = (reason: unknown): void => stop.abort(reason);
  const placement = { allowCopy, refusedMounts: new Set<string>(), progress, abort };
  return { digest: raw.digest, bytes: await copyManifest(raw, tag, { source, target, placement }) };
}

interface Route {
  readonly source: Repository;
  readonly target: Repository;
  readonly placement: PlacementOptions;
}

/** Everything that a manifest names goes before the manifest itself. */
async function copyManifest(raw: RawManifest, name: string, route: Route): Promise<Traffic> {
  const { source, target, placement } = route;
  const parsed = parseManifest(raw, source.fullName);
  const manifest = { mediaType: parsed.mediaType, bytes: raw.bytes };
  if (parsed.kind === 'index') {
    let traffic: Traffic = { pushed: 0, mounted: 0, copied: 0 };
    for (const { digest } of parsed.index.manifests) {
      traffic = sumOf(traffic, await copyManifest(await source.readManifest(digest), digest, route));
    }
    return sumOf(traffic, await pushManifest(target, name, manifest, []));
  }
  const { config, layers } = parsed.manifest;
  const blobs = [config, ...layers].flatMap((blob) => remoteBlob(blob, source, target));
  const placed = await placeBlobs(target, blobs, placement);
  return sumOf(placed, await pushManifest(target, name, manifest, blobs));
}
