import { ModelwhiskError } from '../../../core/errors.ts';
import type { ImageManifest } from '../../registry/manifest.ts';
import { compareLayers } from './compare-layers.ts';
import { expectedImage, type ExpectedImage, type Making } from './expected-image.ts';
import { jsonDifferences } from './json-differences.ts';
import { readOrigin, type NamedBase } from '../origin.ts';
import { runConfigDifferences } from './run-config-differences.ts';
import type { StoredImage } from './stored-image.ts';

export interface Verification {
  /** Digest of the image's manifest; undefined where it has none. */
  readonly digest: string | undefined;
  /** What it says that it was made from; undefined for the adapter's own image. */
  readonly base: NamedBase | undefined;
  /**
   * The basis of the verdict: everything has the digest that the registry engine gives it, or it has the same contents,
   * packed in another way.
   */
  readonly compared: 'digests' | 'contents';
  /** Digests of its adapter's layers, bottom one first: as they are stored, or of their tars where that has no name. */
  readonly layers: readonly string[];
  /** The differences, one line each. Empty if the image is exactly its base and this adapter. */
  readonly differences: readonly string[];
}

/**
 * Makes an image once more from what its labels and environment say, without storing anything, and compares. Rejects
 * with ModelwhiskError code `VERIFY` if the image says too little, or with the error of reading it or its base.
 */
export async function verifyImage(image: StoredImage, making: Making, signal: AbortSignal): Promise<Verification> {
  const origin = readOrigin(image.config.config);
  if (origin.kind !== 'model' && origin.kind !== 'adapter') {
    throw new ModelwhiskError('VERIFY', `${image.name} does not say what it was made from`, {
      hint: 'only images that modelwhisk made can be verified',
    });
  }
  const expected = await expectedImage(origin, image, making);
  const layers = await compareLayers(image, expected.layers, signal);
  const differences = layers.differences.length > 0 ? layers.differences : settingDifferences(image, expected, layers);
  const isSame = image.manifest?.digest === expected.digest;
  const own = image.layers.map(({ digest }, index) => digest ?? image.config.rootfs.diff_ids[index] ?? '');
  return {
    digest: image.manifest?.digest,
    base: origin.kind === 'model' ? origin.base : undefined,
    compared: isSame || (image.manifest === undefined && !layers.repacked) ? 'digests' : 'contents',
    layers: own.slice(expected.layers.length - making.layers.length),
    differences,
  };
}

function settingDifferences(
  { manifest, config }: StoredImage,
  expected: ExpectedImage,
  { repacked }: { readonly repacked: boolean },
): readonly string[] {
  if (manifest?.digest === expected.digest) return [];
  // Every field of the registry engine's configuration is known, but not of Docker's.
  if (repacked) return runConfigDifferences(config, expected.config);
  const inConfig = jsonDifferences(config, expected.config);
  if (inConfig.length > 0 || manifest?.mediaType !== expected.mediaType) return inConfig;
  return jsonDifferences(withoutBlobs(manifest.manifest), withoutBlobs(expected.manifest), ['manifest']);
}

/** Blobs are compared by their contents: compressed again, they have other digests. */
function withoutBlobs({ config: _config, layers: _layers, ...rest }: ImageManifest): object {
  return rest;
}
