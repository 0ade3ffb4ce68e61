import { setMaxListeners } from 'node:events';

import type { ModelRow } from '../../core/row.ts';
import type { BuildRequest, BuildResult, Engine } from '../engine.ts';
import { assembleImage, type LayerBlob } from './assemble.ts';
import { credentialsFromEnvironment } from './credentials.ts';
import { formatBytes } from './format.ts';
import { readImage, type ImageConfig } from './image.ts';
import { LayerHomes } from './layer-homes.ts';
import { pushImage } from './push-image.ts';
import { parseReference, parseTarget } from './reference.ts';
import { Registries, type RegistriesOptions } from './registries.ts';

export interface RegistryEngineOptions extends RegistriesOptions {
  /** The adapter's layers for a platform such as "linux/amd64", bottom layer first. Called once for each platform. */
  readonly layers: (platform: string) => Promise<readonly LayerBlob[]>;
  /** The new image's configuration, from the base's. Layers and history are not its business. */
  readonly configure: (base: BaseImage, row: ModelRow) => ImageConfig;
  /** Copy more than 100 MB through this machine where the registry refuses to mount. Default false. */
  readonly allowCopy?: boolean;
}

export interface BaseImage {
  /** As the user wrote it. */
  readonly name: string;
  /** Digest of its manifest, or of its index where it has one. */
  readonly digest: string;
  readonly config: ImageConfig;
}

/**
 * The engine that needs no Docker: it appends the adapter to model images over the registry's own API, mounting what
 * the registry already has. Until the manifest is pushed, at the very end, nothing that people pull has changed; and
 * where the target already is what would be made, nothing is sent at all.
 */
export function createRegistryEngine(options: RegistryEngineOptions): Engine {
  const run: Run = {
    ...options,
    registries: new Registries(options),
    homes: new LayerHomes(),
    refusedMounts: new Set(),
    layers: oncePerPlatform(options.layers),
  };
  return {
    name: 'registry',
    async check() {
      credentialsFromEnvironment(options.environment);
    },
    async build(request) {
      const stop = new AbortController();
      const signal = AbortSignal.any([request.signal, stop.signal]);
      // Every request under way listens to it.
      setMaxListeners(0, signal);
      return build(run, { ...request, signal }, (reason) => stop.abort(reason));
    },
  };
}

interface Run extends RegistryEngineOptions {
  readonly registries: Registries;
  readonly homes: LayerHomes;
  readonly refusedMounts: Set<string>;
}

async function build(run: Run, request: BuildRequest, abort: (reason: unknown) => void): Promise<BuildResult> {
  const { registries, homes, refusedMounts, allowCopy = false } = run;
  const { row, progress, signal, platform } = request;
  const base = parseReference(request.base);
  const { tag, ...destination } = parseTarget(request.target);
  const { source, target } = registries.open(base, destination, {
    push: request.push,
    alsoReading: homes.nameOf(destination.registry),
    signal,
  });
  const [baseImage, layers, current] = await Promise.all([
    readImage(source, base, platform),
    run.layers(platform),
    request.push ? target.manifestDigest(tag) : undefined,
  ]);
  const digest = baseImage.referenceDigest;
  const image = assembleImage(
    baseImage,
    layers,
    (config) => run.configure({ name: request.base, digest, config }, row),
    { 'org.opencontainers.image.base.name': request.base, 'org.opencontainers.image.base.digest': digest },
  );
  const result = { target: request.target, base: { name: request.base, digest }, digest: image.digest };
  if (!request.push || current === image.digest) {
    progress(request.push ? `${request.target} is up to date` : `${request.target} would get ${image.digest}`);
    return { ...result, digest: current, bytes: { pushed: 0, mounted: 0, copied: 0 } };
  }
  const baseLayers = baseImage.manifest.layers;
  const options = { allowCopy, refusedMounts, progress, abort };
  const bytes = await pushImage({ image, baseLayers, layers, source, target, tag, homes, ...options });
  const [sent, mounted, copied] = [bytes.pushed, bytes.mounted, bytes.copied].map(formatBytes);
  progress(`${request.target} pushed: ${sent} sent, ${mounted} mounted, ${copied} copied`);
  return { ...result, bytes };
}

function oncePerPlatform<T>(make: (platform: string) => Promise<T>): (platform: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return async (platform) => {
    const known = made.get(platform);
    if (known !== undefined) return known;
    const making = make(platform);
    made.set(platform, making);
    making.catch(() => made.delete(platform));
    return making;
  };
}
