import { setMaxListeners } from 'node:events';

import { ModelwhiskError } from '../../../core/errors.ts';
import type { BuildRequest, BuildResult, Engine } from '../engine.ts';
import { formatOutput, type ImageOutput } from '../image-output.ts';
import { asOci } from './as-oci.ts';
import { saveImage } from './save-image.ts';
import { wrapImage, type Configure, type LayerBlob } from './wrap-image.ts';
import { formatBytes } from '../../format-bytes.ts';
import { readImage } from '../../registry/image.ts';
import type { LayerHomes } from './mount-sources.ts';
import type { Presence } from './place-blobs.ts';
import { pushImage } from './push-image.ts';
import { parseReference, pinReference, type Reference, shortReference } from '../../../core/reference.ts';
import type { Registries } from '../../registry/registries.ts';
import type { Repository } from '../../registry/repository.ts';
import { once } from '../../once.ts';

export interface AppendOptions {
  readonly registries: Registries;
  /** The layers to append, bottom one first. Called once for each platform. */
  readonly layers: (request: BuildRequest) => Promise<readonly LayerBlob[]>;
  /** Reads a base. Default: readImage. */
  readonly readBase?: typeof readImage;
  readonly configure: Configure;
  /** Where the layers are already. */
  readonly homes: LayerHomes;
  /** Copy more than 100 MB through this machine where the registry refuses to mount. Default false. */
  readonly allowCopy?: boolean | undefined;
}

/**
 * Appends layers to images over the registry's own API, mounting what the registry already has. The manifest is pushed
 * last; until then, pulls get the old image. If the target is the same image already, nothing is sent.
 */
export function createAppender(options: AppendOptions): Engine['build'] {
  const run: Run = {
    readBase: readImage,
    ...options,
    layers: once(({ platform }) => platform, options.layers),
    refusedMounts: new Set(),
  };
  return async (request) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([request.signal, stop.signal]);
    // Every request under way listens to it.
    setMaxListeners(0, signal);
    try {
      const { output } = request;
      if (output !== undefined) return await save(run, request, output, signal);
      return await append(run, request, signal, (reason) => stop.abort(reason));
    } catch (error) {
      if (!request.signal.aborted) throw error;
      throw new ModelwhiskError('INTERRUPTED', `interrupted before ${shortReference(request.target)} was changed`, {
        cause: error,
      });
    }
  };
}

/** Tells the registries of everything that will be read from them and pushed to them; see Engine.announce. */
export async function announceImages(
  images: Parameters<Engine['announce']>[0],
  { registries, homes, alsoRead = [] }: Announcement,
): Promise<void> {
  const targets = images.filter(({ push }) => push).map(({ target }) => target);
  const known = await homes.remembered(targets.map(({ registry }) => registry));
  const read = [...images.map(({ base }) => base), ...alsoRead].flatMap(parsed);
  registries.announce(targets, [...read, ...known]);
}

interface Announcement extends Pick<AppendOptions, 'registries' | 'homes'> {
  /** Images that are read beside the bases. */
  readonly alsoRead?: readonly string[];
}

/** A reference that cannot be parsed only fails its own build. */
function parsed(image: string): readonly Reference[] {
  try {
    return [parseReference(image)];
  } catch {
    return [];
  }
}

interface Run extends AppendOptions {
  readonly readBase: typeof readImage;
  readonly refusedMounts: Set<string>;
}

async function append(
  { registries, homes, refusedMounts, allowCopy = false, configure, readBase, layers: layersFor }: Run,
  request: BuildRequest,
  signal: AbortSignal,
  abort: (reason: unknown) => void,
): Promise<BuildResult> {
  const { row, platform, progress } = request;
  const from = pinReference(request.base, request.baseDigest);
  const { tag, ...to } = request.target;
  const alsoReading = homes.nameOf(to.registry);
  const { source, target } = await registries.open(from, to, { push: true, alsoReading, signal });
  const isFirst = await homes.isFirst(to.registry);
  const [whenLayers, whenCurrent] = [layersFor(request), target.manifestDigest(tag)];
  // Our layers are the largest upload. For a new image, the target is asked for them while the base is read.
  const present = isFirst ? presenceIn(target, whenLayers, whenCurrent) : undefined;
  const [base, layers, current] = await Promise.all([readBase(source, from, platform), whenLayers, whenCurrent]);
  const image = wrapImage(base, { name: request.base, row, layers, configure });
  const result = { base: { name: request.base, digest: base.referenceDigest } };
  if (current === image.digest) {
    progress('is up to date, nothing to send');
    return { ...result, digest: current, bytes: { pushed: 0, mounted: 0, copied: 0 } };
  }
  const placement = { allowCopy, refusedMounts, progress, abort };
  const baseLayers = base.manifest.layers;
  const bytes = await pushImage({ image, baseLayers, layers, present, source, target, tag, homes, ...placement });
  const { pushed, mounted, copied } = bytes;
  progress(`sent ${formatBytes(pushed)}, mounted ${formatBytes(mounted)}, copied ${formatBytes(copied)}`);
  return { ...result, digest: image.digest, bytes };
}

/** Makes the image on this machine: the base is fetched, and nothing is sent. */
async function save(
  { registries, configure, readBase, layers: layersFor }: Run,
  request: BuildRequest,
  output: ImageOutput,
  signal: AbortSignal,
): Promise<BuildResult> {
  const { row, platform, progress, base: from, target: name } = request;
  const reference = pinReference(from, request.baseDigest);
  const source = registries.openForPull(reference, signal);
  const [found, layers] = await Promise.all([readBase(source, reference, platform), layersFor(request)]);
  const base = output.kind === 'oci' ? asOci(found) : found;
  const image = wrapImage(base, { name: from, row, layers, configure });
  progress(`writing ${shortReference(name)} to ${formatOutput(output)}`);
  const copied = await saveImage(output, { image, base, source, layers, name, signal });
  const bytes = { pushed: 0, mounted: 0, copied };
  // A docker-archive has no manifest that a registry would know.
  const digest = output.kind === 'oci' ? image.digest : undefined;
  return { digest, base: { name: from, digest: base.referenceDigest }, bytes };
}

function presenceIn(
  target: Repository,
  whenLayers: Promise<readonly LayerBlob[]>,
  whenCurrent: Promise<string | undefined>,
): Presence {
  const ask = async (): Presence => {
    const [layers, current] = await Promise.all([whenLayers, whenCurrent]);
    const asked = current === undefined ? layers : [];
    return new Map(await Promise.all(asked.map(async ({ digest }) => [digest, await target.hasBlob(digest)] as const)));
  };
  const present = ask();
  // If the base cannot be read, nothing waits for this promise.
  present.catch(() => undefined);
  return present;
}
