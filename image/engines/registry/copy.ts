import type { Progress } from '../../progress.ts';
import type { ParsedManifest, RawManifest } from '../../registry/manifest.ts';
import { inParallel } from '../../parallel.ts';
import { placeBlobs, type PlacementOptions, type Traffic, type WantedBlob } from './place-blobs.ts';
import { pushManifest, remoteBlob, sumOf } from './push-image.ts';
import { manifestName, parseReference, parseTarget } from '../../../core/reference.ts';
import type { Registries } from '../../registry/registries.ts';
import type { Repository } from '../../registry/repository.ts';
import { walkManifests } from '../../registry/walk-manifests.ts';

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Copy more than 100 MB within a registry that refuses to mount. Default false. */
  readonly allowCopy?: boolean | undefined;
}

export interface CopyResult {
  /** Digest of source and target alike. */
  readonly digest: string;
  readonly bytes: Traffic;
}

/** What `copyImage` would do, read from both sides without sending anything. Mounts may still be refused. */
export async function planCopy(
  registries: Registries,
  from: string,
  to: string,
  { signal }: Pick<CopyOptions, 'signal'>,
): Promise<CopyResult> {
  const { raw, current, source, target } = await openCopy(registries, from, to, signal);
  if (current === raw.digest) return { digest: raw.digest, bytes: nothing };
  const blobs = new Map<string, WantedBlob>();
  for await (const { parsed } of walkManifests(source, raw)) {
    for (const blob of blobsOf(parsed, source, target)) blobs.set(blob.digest, blob);
  }
  const missing = await inParallel([...blobs.values()], 8, async (blob) =>
    (await target.hasBlob(blob.digest)) ? [] : [blob],
  );
  const sizeOf = (mounts: boolean): number =>
    missing.flat().reduce((sum, { size, mountFrom }) => sum + ((mountFrom !== undefined) === mounts ? size : 0), 0);
  return { digest: raw.digest, bytes: { pushed: raw.bytes.length, mounted: sizeOf(true), copied: sizeOf(false) } };
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
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const { raw, current, tag, source, target } = await openCopy(registries, from, to, signal);
  if (current === raw.digest) {
    progress(`${to} is up to date, nothing to send`);
    return { digest: raw.digest, bytes: nothing };
  }
  const abort = (reason: unknown): void => stop.abort(reason);
  const placement = { allowCopy, refusedMounts: new Set<string>(), progress, abort };
  return { digest: raw.digest, bytes: await copyTree(raw, tag, { source, target, placement }) };
}

const nothing: Traffic = { pushed: 0, mounted: 0, copied: 0 };

interface Ends {
  readonly source: Repository;
  readonly target: Repository;
}

interface OpenCopy extends Ends {
  readonly raw: RawManifest;
  /** Digest of what the target is now. */
  readonly current: string | undefined;
  readonly tag: string;
}

async function openCopy(registries: Registries, from: string, to: string, signal: AbortSignal): Promise<OpenCopy> {
  const reference = parseReference(from);
  const { tag, ...destination } = parseTarget(to);
  const { source, target } = await registries.open(reference, destination, { push: true, signal });
  const [raw, current] = await Promise.all([source.readManifest(manifestName(reference)), target.manifestDigest(tag)]);
  return { raw, current, tag, source, target };
}

/** Copies everything before the index that lists it, and each thing once. */
async function copyTree(root: RawManifest, tag: string, { source, target, placement }: Route): Promise<Traffic> {
  let traffic = nothing;
  for await (const { raw, parsed } of walkManifests(source, root)) {
    const blobs = blobsOf(parsed, source, target);
    const name = raw === root ? tag : raw.digest;
    const placed = blobs.length === 0 ? nothing : await placeBlobs(target, blobs, placement);
    const manifest = { mediaType: parsed.mediaType, bytes: raw.bytes };
    traffic = [placed, await pushManifest(target, name, manifest, blobs)].reduce(sumOf, traffic);
  }
  return traffic;
}

interface Route extends Ends {
  readonly placement: PlacementOptions;
}

function blobsOf(parsed: ParsedManifest, source: Repository, target: Repository): WantedBlob[] {
  if (parsed.kind === 'index') return [];
  const { config, layers } = parsed.manifest;
  return [config, ...layers].flatMap((blob) => remoteBlob(blob, source, target));
}
